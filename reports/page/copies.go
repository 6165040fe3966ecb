package page

import (
	"slices"
	"strings"

	"imcheck/reports"
	"imcheck/reports/words"
)

// Message types of docs/protocol.md §1 that carry what another message said.
const (
	typeData     = "2"
	typeEcho     = "5"
	typeEchoBack = "53"
)

// searched is the number of earlier messages among which the original of a copy is sought.
const searched = 500

// copied is a received message that repeats another one of its transcript.
type copied struct {
	of      int      // line of the other one
	differ  []string // fields that are another there
	added   []string // fields that are not there
	missing []string // fields that are there only
	marks   []span   // changed or added parts of the text
}

// message is a line of a transcript that is or quotes a message.
type message struct {
	line   int
	text   string
	fields []messageField
	kind   string // its type
	copied bool   // an echo or a delivery of it has been seen
}

// messageOf reads the first message of a text; nil when there is none.
func messageOf(text string) *message {
	fields, ok := messageFields(text)
	if !ok {
		return nil
	}
	m := &message{text: text, fields: fields}
	m.kind = strings.Trim(m.get("type"), `"`)
	return m
}

// get returns a field as it is in the text; "" without it.
func (m *message) get(name string) string {
	for _, f := range m.fields {
		if f.name == name {
			return m.text[f.value.start:f.value.end]
		}
	}
	return ""
}

// copiesIn finds the received messages that say again what another one said: the
// answer to an echo, data that was sent or pushed, and its retransmission.
func copiesIn(lines []reports.Line) map[int]copied {
	found := map[int]copied{}
	var before []*message
	for i, line := range lines {
		m := messageOf(line.Text)
		if m == nil {
			continue
		}
		m.line = i
		if line.Direction == received {
			if origin := originOf(m, before[max(0, len(before)-searched):], lines); origin != nil {
				origin.copied = true
				found[i] = compareCopy(m, origin)
			}
		}
		before = append(before, m)
	}
	return found
}

// originOf finds what a received message is a copy of; nil when it is of none.
func originOf(m *message, before []*message, lines []reports.Line) *message {
	sameConnection := func(o *message) bool { return lines[o.line].Connection == lines[m.line].Connection }
	same := func(o *message, name string) bool { return m.get(name) != "" && m.get(name) == o.get(name) }
	switch m.kind {
	case typeEchoBack:
		asked := func(o *message) bool {
			return o.kind == typeEcho && lines[o.line].Direction == sent && !o.copied && sameConnection(o)
		}
		return newest(before,
			func(o *message) bool { return asked(o) && same(o, "dataContent") },
			asked)
	case typeData:
		from := func(o *message) bool { return o.kind == typeData && lines[o.line].Direction != received }
		return newest(before,
			func(o *message) bool { // the copy before
				return o.kind == typeData && lines[o.line].Direction == received && sameConnection(o) && same(o, "fp")
			},
			func(o *message) bool { return from(o) && same(o, "fp") },
			func(o *message) bool { return from(o) && same(o, "dataContent") && same(o, "to") },
			func(o *message) bool { return from(o) && !o.copied && same(o, "from") && same(o, "to") })
	}
	return nil
}

// newest returns the last message that satisfies the first condition that any satisfies.
func newest(messages []*message, conditions ...func(*message) bool) *message {
	for _, holds := range conditions {
		for _, m := range slices.Backward(messages) {
			if holds(m) {
				return m
			}
		}
	}
	return nil
}

// compareCopy compares a copy with what it is a copy of, field by field as they
// were written. The type of an echo's answer is another one by rule.
func compareCopy(m, origin *message) copied {
	c := copied{of: origin.line}
	for _, f := range m.fields {
		value := m.text[f.value.start:f.value.end]
		switch was := origin.get(f.name); {
		case was == value || f.name == "type" && m.kind == typeEchoBack:
			continue
		case was == "":
			c.added = append(c.added, f.name)
		default:
			c.differ = append(c.differ, f.name)
		}
		c.marks = append(c.marks, f.value)
	}
	for _, f := range origin.fields {
		if m.get(f.name) == "" {
			c.missing = append(c.missing, f.name)
		}
	}
	return c
}

// words returns text such as "copy of 0.084 s with another dataContent, without fp".
func (c copied) words(lines []reports.Line) string {
	return "copy of " + words.Seconds(lines[c.of].At) + c.fieldWords()
}

// fieldWords returns text such as " with another dataContent, without fp", and "" when all are the
// same.
func (c copied) fieldWords() string {
	var parts []string
	for _, part := range []struct {
		lead  string
		names []string
	}{{" with another ", c.differ}, {" with ", c.added}, {" without ", c.missing}} {
		if len(part.names) > 0 {
			parts = append(parts, part.lead+strings.Join(part.names, " and "))
		}
	}
	return strings.Join(parts, ",")
}
