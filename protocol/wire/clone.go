package wire

import "strings"

// Clone copies a text, so that it no longer shares memory with the decoded body.
func (t Text) Clone() Text {
	t.value = strings.Clone(t.value)
	return t
}

// texts lists the text fields of a message.
func (m *Message) texts() [4]*Text {
	return [...]*Text{&m.DataContent, &m.From, &m.To, &m.Fingerprint}
}

// TextBytes returns the total size of the message's texts, in bytes of UTF-8.
func (m Message) TextBytes() (n int) {
	for _, t := range m.texts() {
		n += len(t.value)
	}
	return n
}

// Clone copies the texts of a message, which after Decode share the memory of the
// whole body. The copy keeps TextBytes bytes alive and no more.
func (m Message) Clone() Message {
	var all strings.Builder
	all.Grow(m.TextBytes())
	for _, t := range m.texts() {
		all.WriteString(t.value)
	}
	copied, start := all.String(), 0
	for _, t := range m.texts() {
		end := start + len(t.value)
		t.value, start = copied[start:end], end
	}
	return m
}
