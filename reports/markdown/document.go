package markdown

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"imcheck/reports/content"
	"imcheck/reports/words"
)

// Document collects a summary in GitHub's Markdown, so that the one Write at its
// end is the only thing that can fail.
type Document struct {
	bytes.Buffer
}

// Flush writes what was collected.
func (m *Document) Flush(w io.Writer) error {
	if _, err := w.Write(m.Bytes()); err != nil {
		return fmt.Errorf("write the Markdown summary: %w", err)
	}
	return nil
}

// Heading starts a part of the summary; text is Markdown.
func (m *Document) Heading(level int, text string) {
	if m.Len() > 0 {
		m.WriteByte('\n')
	}
	m.WriteString(strings.Repeat("#", level) + " " + text + "\n")
}

// paragraph writes text, which is Markdown, unless it is empty.
func (m *Document) paragraph(text string) {
	if text != "" {
		m.WriteString("\n" + text + "\n")
	}
}

// Item is an entry of a list, with a label; an empty text is left out.
func (m *Document) Item(label, text string) {
	if text != "" {
		m.WriteString("- " + label + ": " + Inline(text) + "\n")
	}
}

// command is a block from which a line can be copied unchanged.
func (m *Document) command(line string) {
	line = words.Printable(line)
	fence := strings.Repeat("`", max(3, longestTicks(line)+1))
	m.paragraph(fence + "sh\n" + line + "\n" + fence)
}

// Table writes t with an empty line before it. What a terminal shows in red is
// bold; a table without rows is not written.
func (m *Document) Table(t content.Table) {
	if len(t.Rows) == 0 {
		return
	}
	titles, rule := "|", "|"
	for _, title := range t.Titles {
		titles += " " + tableText(strings.TrimSpace(title)) + " |"
		if strings.HasPrefix(title, " ") {
			rule += " ---: |"
		} else {
			rule += " --- |"
		}
	}
	m.WriteString("\n" + titles + "\n" + rule + "\n")
	for _, row := range t.Rows {
		m.WriteByte('|')
		for _, c := range row {
			text := tableText(c.Text)
			if c.Class == "bad" && text != "" {
				text = "**" + text + "**"
			}
			m.WriteString(" " + text + " |")
		}
		m.WriteByte('\n')
	}
}

// tableText is inline for a field of a table. A bar ends a field even in code,
// and readers differ on how it is kept from that: it becomes an escape like
// those of control characters.
func tableText(text string) string {
	return Inline(strings.ReplaceAll(text, "|", `\x7c`))
}

// Inline makes Markdown of a text that may come from a target. A text in which
// a reader of Markdown could see anything but words, such as markup, HTML, a
// link, a mention or an emoji, becomes code, where none of them is looked for;
// line breaks and control characters become the escapes of a Go string.
func Inline(text string) string {
	text = words.Printable(text)
	if isPlain(text) {
		return text
	}
	fence := strings.Repeat("`", longestTicks(text)+1)
	if strings.Trim(text, "` ") != text { // else the fence would be longer, or the blank be lost
		text = " " + text + " "
	}
	return fence + text + fence
}

// blockMark matches a line that is not the text of a paragraph although it has no other
// special character.
var blockMark = regexp.MustCompile(`^([-+]|\d+[.)])( |$)|^[-=]+$`)

// isPlain reports whether Markdown takes a text for words only.
func isPlain(text string) bool {
	if strings.TrimSpace(text) != text || blockMark.MatchString(text) || strings.Contains(strings.ToLower(text), "www.") {
		return false
	}
	for i, r := range text {
		switch {
		case r == ':': // but not of ":emoji:" and "scheme://"
			if rest := text[i+1:]; rest != "" && rest[0] != ' ' {
				return false
			}
		case r < utf8.RuneSelf && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(` .,;'"/()%?!+-=`, r):
			return false
		}
	}
	return true
}

// longestTicks returns the length of the longest run of backticks.
func longestTicks(text string) int {
	longest, run := 0, 0
	for _, r := range text {
		if r != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}
