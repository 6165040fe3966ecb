package page

import (
	"encoding/json"
	"strings"
	"unicode/utf8"
)

const (
	// oneLine is up to how many characters a text with JSON stays on one line.
	oneLine = 60
	// deepest is the number of levels of JSON that are laid out; what is deeper stays as
	// it is, since a browser gives elements up that are nested too deep.
	deepest = 12
	// maxMisses is the number of braces of a text that are examined although they turn out not
	// to begin an object.
	maxMisses = 4
)

// layout determines where the lines of a text with JSON begin and end: at the
// fields of its objects and the elements of its lists. Nothing is added to the
// text or taken from it. What is no JSON has no fields.
func layout(text string) (fields []span) {
	if utf8.RuneCountInString(text) <= oneLine {
		return nil
	}
	for _, object := range jsonObjects(text) {
		fields = append(fields, jsonMembers(text, object, deepest)...)
	}
	return fields
}

// jsonObjects finds the objects in a text, such as an error that quotes a
// message; an object inside another is none of its own.
func jsonObjects(text string) (objects []span) {
	for at, misses := 0, 0; misses < maxMisses; {
		brace := strings.IndexByte(text[at:], '{')
		if brace < 0 {
			return objects
		}
		start := at + brace
		if length := objectLength(text[start:]); length > 0 {
			at = start + length
			objects = append(objects, span{start, at})
		} else {
			at = start + 1
			misses++
		}
	}
	return objects
}

// objectLength returns the length of the JSON object at the start of a text; 0 without one.
func objectLength(text string) int {
	decoder := json.NewDecoder(strings.NewReader(text))
	var object json.RawMessage
	if err := decoder.Decode(&object); err != nil {
		return 0
	}
	return int(decoder.InputOffset())
}

// jsonMembers returns the fields of an object, which is valid, and those of what is
// in it down to some depth, in the order of their starts. The comma belongs to
// the field before it, as does the bracket that ends the list or object.
func jsonMembers(text string, object span, depth int) (members []span) {
	var open []int // the member that has begun at each level, -1 below depth
	begin := func(level, at int) {
		open[level] = -1
		if level < depth {
			open[level] = len(members)
			members = append(members, span{start: at})
		}
	}
	end := func(at int) {
		if last := open[len(open)-1]; last >= 0 {
			members[last].end = at
		}
	}
	for i := object.start; i < object.end; i++ {
		switch text[i] {
		case '"':
			i = stringEnd(text, i)
		case '{', '[':
			open = append(open, -1)
			begin(len(open)-1, i+1)
		case ',':
			end(i + 1)
			begin(len(open)-1, i+1)
		case '}', ']':
			end(i + 1)
			open = open[:len(open)-1]
		}
	}
	return members
}

// stringEnd returns the index of the quote that ends a JSON string.
func stringEnd(text string, quote int) int {
	for i := quote + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(text) - 1
}

// messageField is a field of an object as it is in a text.
type messageField struct {
	name  string
	value span
}

// messageFields returns the fields of the first object in a text; ok is false when
// there is none.
func messageFields(text string) (fields []messageField, ok bool) {
	objects := jsonObjects(text)
	if len(objects) == 0 {
		return nil, false
	}
	for _, m := range jsonMembers(text, objects[0], 1) {
		member := text[m.start : m.end-1] // without the comma or brace
		quote := strings.IndexByte(member, '"')
		if quote < 0 {
			continue // an object without fields
		}
		nameEnd := stringEnd(member, quote) + 1
		var name string
		if err := json.Unmarshal([]byte(member[quote:nameEnd]), &name); err != nil {
			continue
		}
		colon := nameEnd + strings.IndexByte(member[nameEnd:], ':') + 1
		value := strings.TrimLeft(member[colon:], " \t\r\n")
		start := m.end - 1 - len(value)
		value = strings.TrimRight(value, " \t\r\n")
		fields = append(fields, messageField{name, span{start, start + len(value)}})
	}
	return fields, true
}
