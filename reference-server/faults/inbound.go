package faults

import (
	"bytes"
	"encoding/json"
	"slices"
	"unicode/utf8"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// decodingFaults read messages in other ways than §1 and §3 Bad message say.
func decodingFaults() []Fault {
	return []Fault{
		{Name: "strict-json-only", Does: "what is not strict JSON is a bad message", Inbound: refusing(func(body []byte) bool { return !json.Valid(body) })},
		{Name: "numbers-in-strings-refused", Does: "a number in a string makes a bad message", Inbound: refusing(hasNumberInString)},
		{Name: "unknown-fields-refused", Does: "an unknown field makes a bad message", Inbound: refusing(hasUnknownField)},
		{Name: "invalid-utf8-refused", Does: "invalid UTF-8 makes a bad message", Inbound: refusing(func(body []byte) bool { return !utf8.Valid(body) })},
		{Name: "absent-fields-by-table", Does: "a field that is absent gets its default, not 0", Inbound: withDefaults},
		{Name: "null-texts-empty", Does: "a text that is null is read as an empty one", Inbound: withEmptyTexts},
		{Name: "trailing-text-accepted", Does: "text after the object is ignored", Inbound: rereading(firstValue)},
		{Name: "wrong-types-unset", Does: "a field of a wrong type is read as an absent one", Inbound: rereading(withoutWrongTypes)},
		{Name: "null-tolerated", Does: "a message that is null is ignored", Inbound: tolerating(func(_ *server.Session, body []byte) bool { return string(body) == "null" })},
		{Name: "array-tolerated", Does: "a message that is an array is ignored", Inbound: tolerating(func(_ *server.Session, body []byte) bool { return bytes.HasPrefix(body, []byte("[")) })},
		{Name: "empty-body-tolerated", Does: "an empty TCP body or WebSocket text is ignored", Inbound: tolerating(func(_ *server.Session, body []byte) bool { return len(body) == 0 })},
		{Name: "empty-datagram-answered", Does: "an empty datagram is answered", Inbound: answeringEmptyDatagrams},
		{Name: "bad-message-tolerated", Does: "a bad message on a stream is ignored", Inbound: tolerating(func(*server.Session, []byte) bool { return true })},
	}
}

// answeringEmptyDatagrams treats an empty datagram as an echo.
func answeringEmptyDatagrams(from *server.Session, in server.Inbound) server.Inbound {
	if len(in.Body) > 0 || from.Transport.Connected() {
		return in
	}
	return server.Inbound{Message: wire.NewEcho(from.User(), "")}
}

// refusing treats further messages as bad ones.
func refusing(bad func(body []byte) bool) inboundChange {
	return func(_ *server.Session, in server.Inbound) server.Inbound {
		in.Bad = in.Bad || !in.Ignored && bad(in.Body)
		return in
	}
}

// tolerating ignores some of the bad messages.
func tolerating(which func(from *server.Session, body []byte) bool) inboundChange {
	return func(from *server.Session, in server.Inbound) server.Inbound {
		in.Ignored = in.Ignored || in.Bad && which(from, in.Body)
		return in
	}
}

// rereading reads a bad message again after a repair, which returns nil when it cannot
// repair it.
func rereading(repair func(body []byte) []byte) inboundChange {
	return func(from *server.Session, in server.Inbound) server.Inbound {
		if !in.Bad {
			return in
		}
		repaired := repair(in.Body)
		if repaired == nil {
			return in
		}
		return server.Read(repaired)
	}
}

// fieldsOf returns the fields of a message in strict JSON, nil when it is not strict.
func fieldsOf(body []byte) (fields map[string]json.RawMessage) {
	if json.Unmarshal(body, &fields) != nil {
		return nil
	}
	return fields
}

var (
	textFields   = []string{"dataContent", "from", "to", "fp"}
	numberFields = []string{"type", "typeu", "sm"}
	boolFields   = []string{"bridge", "QoS"}
)

func hasUnknownField(body []byte) bool {
	for name := range fieldsOf(body) {
		if !slices.Contains(slices.Concat(textFields, numberFields, boolFields), name) {
			return true
		}
	}
	return false
}

func hasNumberInString(body []byte) bool {
	fields := fieldsOf(body)
	return slices.ContainsFunc(numberFields, func(name string) bool {
		return bytes.HasPrefix(fields[name], []byte(`"`))
	})
}

// withDefaults fills in the defaults of the table in §1.
func withDefaults(_ *server.Session, in server.Inbound) server.Inbound {
	fields, defaults := fieldsOf(in.Body), wire.New(in.Message.Type, wire.NobodyID, wire.NobodyID)
	if in.Bad || fields == nil {
		return in
	}
	for name, fill := range map[string]func(){
		"from":  func() { in.Message.From = defaults.From },
		"to":    func() { in.Message.To = defaults.To },
		"typeu": func() { in.Message.UserType = defaults.UserType },
		"sm":    func() { in.Message.ServerTime = defaults.ServerTime },
	} {
		if fields[name] == nil {
			fill()
		}
	}
	return in
}

func withEmptyTexts(_ *server.Session, in server.Inbound) server.Inbound {
	fields, m := fieldsOf(in.Body), &in.Message
	for i, text := range []*wire.Text{&m.DataContent, &m.From, &m.To, &m.Fingerprint} {
		if string(fields[textFields[i]]) == "null" {
			*text = wire.Some("")
		}
	}
	return in
}

// firstValue leaves out what follows the first JSON value.
func firstValue(body []byte) (first []byte) {
	var value json.RawMessage
	if json.NewDecoder(bytes.NewReader(body)).Decode(&value) != nil {
		return nil
	}
	return value
}

// withoutWrongTypes leaves out the fields that cannot be read on their own.
func withoutWrongTypes(body []byte) []byte {
	fields := fieldsOf(body)
	if fields == nil {
		return nil
	}
	for name, value := range fields {
		alone, err := json.Marshal(map[string]json.RawMessage{name: value})
		if err != nil || server.Read(alone).Bad {
			delete(fields, name)
		}
	}
	repaired, err := json.Marshal(fields)
	if err != nil {
		return nil
	}
	return repaired
}
