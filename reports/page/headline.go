package page

import (
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/words"
)

// headlineLength bounds the title of a finding, in characters.
const headlineLength = 160

// headline describes a result in a few words. Messages are named, not quoted: the expected
// and the actual one are shown below it.
func headline(r reports.Result) string {
	text := shortage(r)
	first, width := utf8.DecodeRuneInString(text)
	return words.Printable(shortText(string(unicode.ToUpper(first))+text[width:], headlineLength))
}

func shortage(r reports.Result) string {
	if hasOwnReason(r) {
		return withoutObjects(r.Reason)
	}
	if m, found := missedTime(r); found {
		return m.Name + ": " + content.Drift(m)
	}
	if text := otherFields(r); text != "" {
		return text
	}
	expected, actual := withoutObjects(r.Expected), withoutObjects(r.Actual)
	if strings.HasPrefix(actual, "nothing") {
		expected = strings.TrimPrefix(expected, "nothing but ")
	}
	return "expected: " + expected + "; got: " + actual
}

// hasOwnReason reports whether a result has a reason of its own, other than
// by what was expected and what came.
func hasOwnReason(r reports.Result) bool {
	return r.Expected == "" || r.Reason != "" && r.Reason != r.Actual
}

// missedTime returns the measurement for which a case did not pass.
func missedTime(r reports.Result) (reports.Measurement, bool) {
	if hasOwnReason(r) {
		return reports.Measurement{}, false
	}
	for _, m := range r.Measurements {
		if m.Misses() {
			return m, true
		}
	}
	return reports.Measurement{}, false
}

// otherFields names the fields of a message that are not as expected, when it is of
// the expected kind; else "".
func otherFields(r reports.Result) string {
	name := messageName(r.Expected)
	if name == "" || name != messageName(r.Actual) {
		return ""
	}
	expected, actual := messageOf(r.Expected), messageOf(r.Actual)
	if expected == nil || actual == nil {
		return ""
	}
	c := compareCopy(actual, expected)
	for i, field := range c.differ {
		c.differ[i] += innerFields(actual.get(field), expected.get(field))
	}
	if words := c.fieldWords(); words != "" {
		return name + words
	}
	return name + " written in another way"
}

// maxInnerFields bounds the fields of a message inside another that are named.
const maxInnerFields = 3

// innerFields returns text such as " (code)" when two values are messages inside another one
// that differ in few fields, "" otherwise.
func innerFields(actual, expected string) string {
	a, b := innerMessage(actual), innerMessage(expected)
	if a == nil || b == nil {
		return ""
	}
	c := compareCopy(a, b)
	names := slices.Concat(c.differ, c.added, c.missing)
	if len(names) == 0 || len(names) > maxInnerFields {
		return ""
	}
	return " (" + strings.Join(names, ", ") + ")"
}

// innerMessage reads the message that is the value of a string in JSON; nil for any other.
func innerMessage(value string) *message {
	var text string
	if json.Unmarshal([]byte(value), &text) != nil || objectLength(text) != len(text) {
		return nil
	}
	return messageOf(text)
}

// messageName returns the words before the only message of a text.
func messageName(text string) string {
	objects := jsonObjects(text)
	if len(objects) != 1 || objects[0].end != len(text) {
		return ""
	}
	switch name := strings.TrimPrefix(strings.TrimSpace(text[:objects[0].start]), "nothing but "); name {
	case "the event": // of a client
		return strings.TrimSpace(name + " " + eventKind(text[objects[0].start:]))
	case "":
		return "message"
	case "received": // the protocol's name for it
		return "ACK"
	default:
		return name
	}
}

// eventKind returns the kind of an event of a client's driver, which is what its JSON begins
// with (docs/contracts.md, part B); "" for anything else.
func eventKind(object string) string {
	var event struct {
		Kind string `json:"ev"`
	}
	if json.Unmarshal([]byte(object), &event) != nil {
		return ""
	}
	return event.Kind
}

// withoutObjects leaves the messages that a text quotes out of it. Of an event its kind stays.
func withoutObjects(text string) string {
	var out strings.Builder
	at := 0
	for _, object := range jsonObjects(text) {
		out.WriteString(text[at:object.start] + eventKind(text[object.start:object.end]))
		at = object.end
	}
	out.WriteString(text[at:])
	short := strings.Join(strings.Fields(out.String()), " ")
	if short == "" {
		return "a message"
	}
	if cut := strings.Index(short, `{"`); cut > 0 { // one that was too long to be quoted in full
		short = short[:cut]
	}
	return strings.NewReplacer(" ,", ",", " ;", ";").Replace(strings.TrimRight(short, ": "))
}

// withoutNumbers returns a headline that is the same for the same failure with other
// times.
func withoutNumbers(text string) string {
	var out strings.Builder
	number := false
	for _, r := range text {
		if digit := unicode.IsDigit(r); digit || number && r == '.' {
			if !number {
				out.WriteByte('#')
			}
			number = true
			continue
		}
		number = false
		out.WriteRune(r)
	}
	return out.String()
}
