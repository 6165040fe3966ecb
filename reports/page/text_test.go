package page

import (
	"html"
	"regexp"
	"strings"
	"testing"
)

func TestWriteMarked(t *testing.T) {
	tests := map[string]struct {
		text          string
		fields, marks []span
		want          string
	}{
		"nothing":                {},
		"plain":                  {text: "abc", want: "abc"},
		"escaped":                {text: `<b a="1">&'`, want: `&lt;b a="1"&gt;&amp;'`},
		"unprintable":            {text: "a\x00\x1b\u202e\xff", want: `a\x00\x1b\u202e\xff`},
		"several lines":          {text: "a\n\tb", want: "a\n\\tb"},
		"beyond ASCII":           {text: "Grüße 用户 🙂", want: "Grüße 用户 🙂"},
		"marked":                 {text: "abcd", marks: []span{{1, 2}, {3, 4}}, want: "a<mark>b</mark>c<mark>d</mark>"},
		"field":                  {text: "a{b}", fields: []span{{2, 4}}, want: "a{<bdi>b}</bdi>"},
		"field in a field":       {text: "{a{b}}", fields: []span{{1, 6}, {3, 5}}, want: "{<bdi>a{<bdi>b}</bdi>}</bdi>"},
		"mark over fields":       {text: "abcdef", fields: []span{{1, 3}, {3, 5}}, marks: []span{{2, 4}}, want: "a<bdi>b<mark>c</mark></bdi><bdi><mark>d</mark>e</bdi>f"},
		"mark of a whole field":  {text: "abc", fields: []span{{1, 2}}, marks: []span{{1, 2}}, want: "a<bdi><mark>b</mark></bdi>c"},
		"field up to the end":    {text: "ab", fields: []span{{1, 2}}, want: "a<bdi>b</bdi>"},
		"mark from start to end": {text: "ab", marks: []span{{0, 2}}, want: "<mark>ab</mark>"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			writeMarked(&out, test.text, test.fields, test.marks)
			if got := out.String(); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// tags are all that writeMarked adds to a text.
var tags = regexp.MustCompile(`</?(bdi|mark)>`)

// asText takes the tags off again.
func asText(markup string) string { return html.UnescapeString(tags.ReplaceAllString(markup, "")) }

// Whatever a text is, laid out and marked it is still the same text, messages inside
// messages aside, and no tag of its own is among the tags.
func FuzzTextHTML(f *testing.F) {
	for _, seed := range []string{
		`data {"bridge":false,"type":2,"dataContent":"is anybody there?","from":"a-1","to":"b-2","QoS":true,"typeu":-1,"sm":-1}`,
		`looked for {"a":[1,{"b":"}\"{"},[]],"c":{}} and found {"a" : 1 , "d":"<script>&amp;"} or {oops`,
		`{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}}}}}}}}`,
		"{\"a\":\"\xff\u2028 </bdi><mark>\x00\"} and some more text so that it is long enough", "{}", "{{{{{{", "",
		`error response {"type":52,"dataContent":"{\"errorCode\":301,\"errorMsg\":\"{\\\"type\\\":2,\\\"dataContent\\\":\\\"\\u00e9\\ud83d\\ude42\\\\n\\\"}\"}","from":"0"}`,
		`{"a":"{\u0022b\u0022:1}","c":"{\"d\":","e":"{} ","f":"{\"g\":\"\ud800x\"}"} and a lot of further text`,
	} {
		f.Add(seed, seed[:len(seed)/2])
	}
	f.Fuzz(func(t *testing.T, text, other string) {
		marks, _ := differences(text, other)
		shown := decoded(text).text
		if !strings.Contains(text, `"{`) && shown != text {
			t.Errorf("%q has no message inside another and is shown as %q", text, shown)
		}
		markup := string(textHTML(text, marks))
		if got := asText(markup); got != visible(shown) {
			t.Errorf("%q became %q", shown, got)
		}
		if rest := tags.ReplaceAllString(markup, ""); strings.ContainsAny(rest, "<>") {
			t.Errorf("%q has a tag of its own: %q", text, rest)
		}
		if opened, closed := strings.Count(markup, "<bdi>"), strings.Count(markup, "</bdi>"); opened != closed {
			t.Errorf("%q: %d fields begin and %d end", text, opened, closed)
		}
	})
}

func TestShortText(t *testing.T) {
	for _, test := range []struct {
		text string
		most int
		want string
	}{{"abc", 3, "abc"}, {"abcd", 3, "abc…"}, {"äöüß", 3, "äöü…"}, {"", 0, ""}} {
		if got := shortText(test.text, test.most); got != test.want {
			t.Errorf("%q in %d: got %q, want %q", test.text, test.most, got, test.want)
		}
	}
}
