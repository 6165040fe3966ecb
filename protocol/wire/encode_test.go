package wire_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"imcheck/protocol/wire"
)

func TestAppendKeepsWhatIsThere(t *testing.T) {
	m := wire.NewKeepAlive("u1")
	got := string(m.Append([]byte("before")))
	if want := "before" + m.String(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Each of the first 0x100 characters and the line separators, one by one,
// against the rule of §1 and against another decoder.
func TestAppendEscapes(t *testing.T) {
	short := map[rune]string{'"': `\"`, '\\': `\\`, '\t': `\t`, '\b': `\b`, '\n': `\n`, '\r': `\r`, '\f': `\f`}
	check := func(r rune) {
		want := string(r)
		if escape, ok := short[r]; ok {
			want = escape
		} else if r < 0x20 || strings.ContainsRune("<>&='\u2028\u2029", r) {
			want = fmt.Sprintf(`\u%04x`, r)
		}
		text := wire.Message{DataContent: wire.Some("a" + string(r) + "b")}.String()
		if !strings.Contains(text, `"dataContent":"a`+want+`b"`) {
			t.Errorf("%U is written as %s, want %s", r, text, want)
		}
		var read struct{ DataContent string }
		if err := json.Unmarshal([]byte(text), &read); err != nil || read.DataContent != "a"+string(r)+"b" {
			t.Errorf("%U: %s is read as %q, %v", r, text, read.DataContent, err)
		}
	}
	for r := range rune(0x100) {
		check(r)
	}
	for _, r := range []rune{0x2000, 0x2027, 0x2028, 0x2029, 0x202A, 0x2068, 0x20A8, 0x2828, 0xFFFD, 0x1F600, 0x10FFFF} {
		check(r)
	}
}

func TestAppendAbsentAndEmpty(t *testing.T) {
	tests := []struct {
		message wire.Message
		want    string
	}{
		{wire.Message{}, `{"bridge":false,"type":0,"QoS":false,"typeu":0,"sm":0}`},
		{wire.Message{DataContent: wire.Some("")}, `{"bridge":false,"type":0,"dataContent":"","QoS":false,"typeu":0,"sm":0}`},
		{wire.Message{From: wire.Some("")}, `{"bridge":false,"type":0,"from":"","QoS":false,"typeu":0,"sm":0}`},
		{wire.Message{To: wire.Some("")}, `{"bridge":false,"type":0,"to":"","QoS":false,"typeu":0,"sm":0}`},
		{wire.Message{Fingerprint: wire.Some("")}, `{"bridge":false,"type":0,"fp":"","QoS":false,"typeu":0,"sm":0}`},
	}
	for _, test := range tests {
		if got := test.message.String(); got != test.want {
			t.Errorf("got  %s\nwant %s", got, test.want)
		}
	}
}
