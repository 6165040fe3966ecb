package wire_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"imcheck/protocol/wire"
)

// Forms that §1 does not name, where the decoder has to make a choice.
func TestDecodeChoices(t *testing.T) {
	content := func(s string) wire.Message { return wire.Message{DataContent: wire.Some(s)} }
	tests := []struct {
		name, text string
		want       wire.Message
	}{
		{"last of repeated fields", `{"type":1,"type":5}`, wire.Message{Type: 5}},
		{"null after a value", `{"dataContent":"x","dataContent":null}`, wire.Message{}},
		{"number as text", `{"dataContent":5}`, content("5")},
		{"boolean as text", `{"dataContent":TRUE}`, content("true")},
		{"word as text", `{dataContent:hello}`, content("hello")},
		{"boolean in a string", `{"QoS":"TRUE"}`, wire.Message{QoS: true}},
		{"other text as boolean", `{"QoS":"yes"}`, wire.Message{}},
		{"boolean in capitals", `{"bridge":True,"QoS":FALSE}`, wire.Message{Bridge: true}},
		{"null in capitals", `{"fp":NULL}`, wire.Message{}},
		{"null in a string is text", `{"fp":"null"}`, wire.Message{Fingerprint: wire.Some("null")}},
		{"fraction of zero", `{"type":5.0}`, wire.Message{Type: 5}},
		{"exponent", `{"sm":1.5e3}`, wire.Message{ServerTime: 1500}},
		{"control characters as they are", "{\"dataContent\":\"a\tb\nc\x01\"}", content("a\tb\nc\x01")},
		{"escaped line end", "{\"dataContent\":\"a\\\nb\"}", content("a\nb")},
		{"escaped single quote", `{"dataContent":"it\'s"}`, content("it's")},
		{"escaped name", `{"\u0074ype":5}`, wire.Message{Type: 5}},
		{"first surrogate alone", `{"dataContent":"\ud83dx"}`, content("\uFFFDx")},
		{"second surrogate alone", `{"dataContent":"\ude00x"}`, content("\uFFFDx")},
		{"two first surrogates", `{"dataContent":"\ud83d\ud83d\ude00"}`, content("\uFFFD😀")},
		{"first surrogate before a high character", `{"dataContent":"\ud83d\uffff"}`, content("\uFFFD\uFFFF")},
		{"surrogate before another escape", `{"dataContent":"\ud83d\n"}`, content("\uFFFD\n")},
		{"each bad byte counts", "{\"dataContent\":\"\xe2\x82\"}", content("\uFFFD\uFFFD")},
		{"empty name", `{"":1,"type":5}`, wire.Message{Type: 5}},
	}
	for _, test := range tests {
		got, err := wire.Decode([]byte(test.text))
		if err != nil {
			t.Errorf("%s: %s is refused: %v", test.name, test.text, err)
		} else if got != test.want {
			t.Errorf("%s: %s is read as %s, want %s", test.name, test.text, got, test.want)
		}
	}
}

func TestDecodeSyntaxErrors(t *testing.T) {
	tests := []struct {
		text   string
		offset int
	}{
		{``, 0},
		{` null`, 1},
		{`{"type":5} x`, 11},
		{`{"type" 5}`, 8},
		{`{"type":}`, 8},
		{`{"type":5 "sm":1}`, 10},
		{`{"fp":"abc`, 10},
		{`{"fp":"abc\`, 11},
		{`{"x":[1`, 7},
	}
	for _, test := range tests {
		_, err := wire.Decode([]byte(test.text))
		syntax, ok := errors.AsType[*wire.SyntaxError](err)
		if !ok || !errors.Is(err, wire.ErrBadMessage) {
			t.Errorf("%q: error %v is no SyntaxError and ErrBadMessage", test.text, err)
			continue
		}
		if syntax.Offset != test.offset || syntax.Reason == "" {
			t.Errorf("%q: %v; want offset %d", test.text, err, test.offset)
		}
		if !strings.HasPrefix(err.Error(), "bad message: "+syntax.Reason) {
			t.Errorf("%q: text %q does not give the reason", test.text, err)
		}
	}
}

func TestDecodeFieldErrors(t *testing.T) {
	tests := []struct{ text, field, reason string }{
		{`{"bridge":[]}`, "bridge", "is not a boolean"},
		{`{"QoS":0}`, "QoS", "is not a boolean"},
		{`{"type":"x"}`, "type", "is not a whole number"},
		{`{"type":true}`, "type", "is not a number"},
		{`{"type":2147483648}`, "type", "is out of range"},
		{`{"typeu":1.5}`, "typeu", "is not a whole number"},
		{`{"typeu":NaN}`, "typeu", "is not a whole number"},
		{`{"typeu":Infinity}`, "typeu", "is not a whole number"},
		{`{"sm":9223372036854775808}`, "sm", "is not a whole number"},
		{`{"sm":{}}`, "sm", "is not a number"},
		{`{"dataContent":{}}`, "dataContent", "is not a string"},
		{`{"from":[]}`, "from", "is not a string"},
		{`{"to":[]}`, "to", "is not a string"},
		{`{"fp":{}}`, "fp", "is not a string"},
	}
	for _, test := range tests {
		_, err := wire.Decode([]byte(test.text))
		field, ok := errors.AsType[*wire.FieldError](err)
		if !ok || !errors.Is(err, wire.ErrBadMessage) {
			t.Errorf("%s: error %v is no FieldError and ErrBadMessage", test.text, err)
			continue
		}
		if field.Field != test.field || field.Reason != test.reason {
			t.Errorf("%s: %v; want field %q, reason %q", test.text, err, test.field, test.reason)
		}
	}
}

func TestDecodeNestingLimit(t *testing.T) {
	const deepest = 255
	nested := func(open, close string, depth int) []byte {
		return []byte(`{"x":` + strings.Repeat(open, depth) + "0" + strings.Repeat(close, depth) + `}`)
	}
	for _, brackets := range [][2]string{{"[", "]"}, {`{"a":`, "}"}} {
		if _, err := wire.Decode(nested(brackets[0], brackets[1], deepest)); err != nil {
			t.Errorf("%d times %s is refused: %v", deepest, brackets[0], err)
		}
		if _, err := wire.Decode(nested(brackets[0], brackets[1], deepest+1)); err == nil {
			t.Errorf("%d times %s is accepted", deepest+1, brackets[0])
		}
	}
}

// A server decodes from a buffer that it uses again.
func TestDecodeKeepsNoPartOfTheBody(t *testing.T) {
	body := []byte(`{"dataContent":"plain","from":"a\tb","fp":"f"}`)
	m, err := wire.Decode(body)
	if err != nil {
		t.Fatal(err)
	}
	before := m.String()
	for i := range body {
		body[i] = '!'
	}
	if m.String() != before {
		t.Errorf("the message changed with the buffer: %s, was %s", m, before)
	}
}

// A message of many short strings with an escape each must not cost the
// square of its size.
func TestDecodeAllocatesInProportion(t *testing.T) {
	member := `"x":"\n",`
	body := []byte(`{` + strings.Repeat(member, wire.MaxTextFrame/len(member)) + `"type":5}`)
	if bytes := allocatedBytes(func() {
		if _, err := wire.Decode(body); err != nil {
			t.Error(err)
		}
	}); bytes > 16*uint64(len(body)) {
		t.Errorf("a message of %d bytes allocates %d", len(body), bytes)
	}
}

func TestDecodeExtremes(t *testing.T) {
	want := wire.Message{Type: math.MinInt32, UserType: math.MaxInt32, ServerTime: math.MinInt64}
	got, err := wire.Decode([]byte(want.String()))
	if err != nil || got != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
}
