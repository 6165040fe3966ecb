package page

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// deepestMessage is the number of messages inside one another that are decoded: an error
// quotes a message, which may be an echo of another one.
const deepestMessage = 4

// shownMessage is a text as the page shows it: an object in a string, such as the message that
// error 301 quotes, is decoded.
type shownMessage struct {
	text   string
	from   []int  // for each byte of text its place in the original, and one more for the end; nil when they are the same
	fields []span // of text; see layout
}

// decoded returns a text with the messages inside its messages decoded.
func decoded(text string) shownMessage { return decode(text, deepestMessage) }

func decode(text string, depth int) shownMessage {
	s := shownMessage{text: text, fields: layout(text)}
	if depth == 0 || !strings.Contains(text, `"{`) {
		return s
	}
	quoted := quotedObjects(text)
	if len(quoted) == 0 {
		return s
	}
	var out strings.Builder
	s.from = nil
	at := 0
	keep := func(end int) {
		for ; at < end; at++ {
			out.WriteByte(text[at])
			s.from = append(s.from, at)
		}
	}
	var inner []span
	var moved []shift
	for _, q := range quoted {
		keep(q.start)
		object := decode(q.object, depth-1)
		for _, f := range object.fields {
			inner = append(inner, span{out.Len() + f.start, out.Len() + f.end})
		}
		for i := range len(object.text) {
			s.from = append(s.from, q.from[object.place(i)])
		}
		out.WriteString(object.text)
		at = q.end
		moved = append(moved, shift{q.end, out.Len() - q.end})
	}
	keep(len(text))
	s.text, s.from = out.String(), append(s.from, len(text))
	s.fields = inOrder(append(inner, shifted(s.fields, moved)...))
	return s
}

// place returns the place in the original of a byte of the text, or of its end.
func (s shownMessage) place(i int) int {
	if s.from == nil {
		return i
	}
	return s.from[i]
}

// marks returns the parts of the text that show marked parts of the original.
func (s shownMessage) marks(original []span) (shown []span) {
	if s.from == nil {
		return original
	}
	for _, m := range original {
		start, _ := slices.BinarySearch(s.from, m.start)
		end, _ := slices.BinarySearch(s.from, m.end)
		if start < end {
			shown = append(shown, span{start, end})
		}
	}
	return shown
}

// shift is the distance by which everything from a place on has moved.
type shift struct{ from, by int }

// shifted moves fields, none of which begins or ends inside what was decoded.
func shifted(fields []span, moved []shift) []span {
	place := func(at int) int {
		by := 0
		for _, m := range moved {
			if at >= m.from {
				by = m.by
			}
		}
		return at + by
	}
	all := make([]span, len(fields))
	for i, f := range fields {
		all[i] = span{place(f.start), place(f.end)}
	}
	return all
}

// inOrder sorts fields by their starts, the outer ones first.
func inOrder(fields []span) []span {
	slices.SortStableFunc(fields, func(a, b span) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end)) })
	return fields
}

// quotedObject is a JSON string that holds one object.
type quotedObject struct {
	span          // what is between the quotes
	object string // decoded
	from   []int  // for each byte of object, and its end, the place in the text
}

// quotedObjects finds the strings of the objects of a text that hold an object each.
func quotedObjects(text string) (found []quotedObject) {
	for _, object := range jsonObjects(text) {
		for i := object.start; i < object.end; i++ {
			if text[i] != '"' {
				continue
			}
			end := stringEnd(text, i)
			if text[i+1] == '{' {
				inner, from := unescaped(text, i+1, end)
				if objectLength(inner) == len(inner) {
					found = append(found, quotedObject{span{i + 1, end}, inner, from})
				}
			}
			i = end
		}
	}
	return found
}

// unescaped decodes the part of a valid JSON string that is between its quotes. from has
// the place of each byte of what it returns, and that of the end.
func unescaped(text string, start, end int) (decoded string, from []int) {
	var out strings.Builder
	for at := start; at < end; {
		if text[at] != '\\' {
			out.WriteByte(text[at])
			from = append(from, at)
			at++
			continue
		}
		next, r := escapeAt(text[:end], at)
		for range utf8.RuneLen(r) {
			from = append(from, at)
		}
		out.WriteRune(r)
		at = next
	}
	return out.String(), append(from, end)
}

// simpleEscapes has the characters after a backslash that mean another one.
var simpleEscapes = map[byte]rune{'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escapeAt decodes the escape at a backslash, and returns where the text goes on.
func escapeAt(text string, at int) (next int, r rune) {
	kind := text[at+1]
	if kind != 'u' {
		if r, known := simpleEscapes[kind]; known {
			return at + 2, r
		}
		return at + 2, rune(kind) // a quote, a slash or a backslash
	}
	r, next = hexRune(text, at), at+6
	if utf16.IsSurrogate(r) {
		if low := hexRune(text, next); utf16.DecodeRune(r, low) != utf8.RuneError {
			return next + 6, utf16.DecodeRune(r, low)
		}
		return next, utf8.RuneError
	}
	return next, r
}

// hexRune returns the value of an escape such as \u00e9; utf8.RuneError when there is none.
func hexRune(text string, at int) rune {
	if at+6 > len(text) || text[at] != '\\' || text[at+1] != 'u' {
		return utf8.RuneError
	}
	value, err := strconv.ParseUint(text[at+2:at+6], 16, 32)
	if err != nil {
		return utf8.RuneError
	}
	return rune(value)
}
