package wire

import (
	"math"
	"strconv"
	"strings"
)

// Decode decodes one message (docs/protocol.md §1). A field that is absent or null
// gets Go's zero value, as on the observed server, not the default of §1;
// unknown fields are ignored, and the last of a repeated field counts.
// The error is a *SyntaxError or a *FieldError and matches ErrBadMessage.
//
// The strings of the message share one copy of body.
func Decode(body []byte) (Message, error) {
	var m Message
	p := newParser(body)
	if err := p.object(m.set); err != nil {
		return Message{}, err
	}
	return m, nil
}

// set stores the value of one member.
func (m *Message) set(name string, v value) (err error) {
	switch name {
	case "bridge":
		m.Bridge, err = v.bool(name)
	case "type":
		var n int32
		n, err = v.int32(name)
		m.Type = Type(n)
	case "dataContent":
		m.DataContent, err = v.string(name)
	case "from":
		m.From, err = v.string(name)
	case "to":
		m.To, err = v.string(name)
	case "fp":
		m.Fingerprint, err = v.string(name)
	case "QoS":
		m.QoS, err = v.bool(name)
	case "typeu":
		m.UserType, err = v.int32(name)
	case "sm":
		m.ServerTime, err = v.int64(name)
	}
	return err
}

// bool reads a boolean; a string is true if it reads "true" in any case.
func (v value) bool(field string) (bool, error) {
	switch v.kind {
	case kindNull:
		return false, nil
	case kindBool, kindString:
		return strings.EqualFold(v.text, "true"), nil
	}
	return false, &FieldError{field, "is not a boolean"}
}

// string reads a string; other scalars become their text, null becomes absent.
func (v value) string(field string) (Text, error) {
	switch v.kind {
	case kindNull:
		return Text{}, nil
	case kindCompound:
		return Text{}, &FieldError{field, "is not a string"}
	}
	return Some(v.text), nil
}

func (v value) int32(field string) (int32, error) {
	n, err := v.int64(field)
	if err == nil && (n < math.MinInt32 || n > math.MaxInt32) {
		return 0, &FieldError{field, "is out of range"}
	}
	return int32(n), err
}

// int64 reads a whole number, which may be quoted (§1) or written
// with a fraction of zero or an exponent.
func (v value) int64(field string) (int64, error) {
	switch v.kind {
	case kindNull:
		return 0, nil
	case kindBool, kindCompound:
		return 0, &FieldError{field, "is not a number"}
	}
	if n, err := strconv.ParseInt(v.text, 10, 64); err == nil {
		return n, nil
	}
	f, err := strconv.ParseFloat(v.text, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) >= 1<<63 {
		return 0, &FieldError{field, "is not a whole number"}
	}
	return int64(f), nil
}
