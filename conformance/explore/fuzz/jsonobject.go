package fuzz

import (
	"bytes"
	"encoding/json"
	"slices"

	"imcheck/protocol/wire"
)

// object is a JSON object as a list of members, which a mutation can reorder, repeat and
// spoil.
type object []member

// member is a name and a value, both as JSON texts, valid or not.
type member struct{ name, value string }

// objectOf splits a message up.
func objectOf(m wire.Message) object { return parseObject(m.Append(nil)) }

// parseObject splits the text of a JSON object up; nil if it is none.
func parseObject(text []byte) (o object) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	if begin, err := decoder.Token(); err != nil || begin != json.Delim('{') {
		return nil
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil
		}
		o = append(o, member{quoted(name.(string)), string(value)})
	}
	return o
}

// text joins the members.
func (o object) text() []byte {
	b := []byte{'{'}
	for i, m := range o {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, m.name...), ':'), m.value...)
	}
	return append(b, '}')
}

// set replaces the value of a field, or adds it.
func (o object) set(name, value string) object {
	o = slices.Clone(o)
	name = quoted(name)
	if i := slices.IndexFunc(o, func(m member) bool { return m.name == name }); i >= 0 {
		o[i].value = value
		return o
	}
	return append(o, member{name, value})
}

// content is the value of dataContent without its quotes.
func (o object) content() (text string) {
	for _, m := range o {
		if m.name == `"dataContent"` {
			_ = json.Unmarshal([]byte(m.value), &text) // "" where it is no text
		}
	}
	return text
}

// quoted is a text as a JSON string.
func quoted(text string) string {
	b, _ := json.Marshal(text) // a string always has a JSON form
	return string(b)
}
