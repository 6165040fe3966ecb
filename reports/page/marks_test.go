package page

import (
	"slices"
	"strings"
	"testing"
)

func TestDifferences(t *testing.T) {
	many := strings.Repeat("a ", comparedWords)
	tests := map[string]struct {
		a, b     string
		inA, inB []string
	}{
		"equal":          {"the same", "the same", nil, nil},
		"one sign more":  {`"there?"`, `"there?!"`, nil, []string{"!"}},
		"another word":   {"error 301 to a keep-alive", "error 302 to a keep-alive", []string{"301"}, []string{"302"}},
		"whole names":    {`{"type":2,"fp":"fp-c2c-3","x":1}`, `{"type":2,"fp":"fp-c2c-4","x":1}`, []string{"fp-c2c-3"}, []string{"fp-c2c-4"}},
		"field is gone":  {`{"type":2,"to":"u","sm":-1}`, `{"type":2,"to":"u"}`, []string{`,"sm":-1`}, nil},
		"nothing alike":  {"the server closes the connection", "nothing within 3s", nil, nil},
		"one is empty":   {"", "something", nil, nil},
		"beyond ASCII":   {"Grüße aus 世界 🙂", "Grüße aus 世界 🙁", []string{"🙂"}, []string{"🙁"}},
		"invalid UTF-8":  {"a b \xff", "a b \xfe", []string{"\xff"}, []string{"\xfe"}},
		"too many words": {many, many + "b", nil, nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			inA, inB := differences(test.a, test.b)
			for _, side := range []struct {
				text  string
				spans []span
				want  []string
			}{{test.a, inA, test.inA}, {test.b, inB, test.inB}} {
				var got []string
				for _, s := range side.spans {
					got = append(got, side.text[s.start:s.end])
				}
				if !slices.Equal(got, side.want) {
					t.Errorf("in %q: got %q, want %q", side.text, got, side.want)
				}
			}
		})
	}
}
