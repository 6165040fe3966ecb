package page

import (
	"slices"
	"strings"
	"testing"
)

func TestDecoded(t *testing.T) {
	long := strings.Repeat("x", oneLine)
	for name, test := range map[string]struct{ text, want string }{
		"no message":         {`connection closed "{"`, `connection closed "{"`},
		"none inside":        {`data {"dataContent":"a \"quoted\" {text}"}`, `data {"dataContent":"a \"quoted\" {text}"}`},
		"one inside":         {`login response {"type":50,"dataContent":"{\"code\":0,\"firstLoginTime\":-1}","to":"u"}`, `login response {"type":50,"dataContent":"{"code":0,"firstLoginTime":-1}","to":"u"}`},
		"one inside another": {`{"a":"{\"b\":\"{\\\"c\\\":\\\"d\\\\\\\\e\\\"}\"}"}`, `{"a":"{"b":"{"c":"d\\e"}"}"}`},
		"two":                {`{"a":"{\"b\":1}","c":["{\"d\":2}"]}`, `{"a":"{"b":1}","c":["{"d":2}"]}`},
		"escapes":            {`{"a":"{\u0022\u00e9\ud83d\ude42\/\":1,\n\t\"b\":2}"}`, "{\"a\":\"{\"é🙂/\":1,\n\t\"b\":2}\"}"},
		"half a pair":        {`{"a":"{\"b\":\"\ud83d!\"}"}`, `{"a":"{"b":"` + "\ufffd" + `!"}"}`},
		"almost one":         {`{"a":"{\"b\":1} and more","c":"{oops"}`, `{"a":"{\"b\":1} and more","c":"{oops"}`},
		"as a name":          {`{"{\"b\":1}":2}`, `{"{"b":1}":2}`},
		"empty":              {`{"a":"{}"}`, `{"a":"{}"}`},
		"long":               {`{"a":"{\"b\":\"` + long + `\"}"}`, `{"a":"{"b":"` + long + `"}"}`},
	} {
		t.Run(name, func(t *testing.T) {
			s := decoded(test.text)
			if s.text != test.want {
				t.Errorf("got  %s\nwant %s", s.text, test.want)
			}
			if s.from != nil && (len(s.from) != len(s.text)+1 || !slices.IsSorted(s.from)) {
				t.Errorf("%d places of %d bytes: %d", len(s.from), len(s.text), s.from)
			}
		})
	}
}

// A message that is inside others too deep stays as it was sent.
func TestDecodedIsBounded(t *testing.T) {
	text := `{"a":1}`
	for range deepestMessage + 1 {
		text = `{"a":"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"}`
	}
	if got := decoded(text).text; !strings.HasSuffix(got, `"{\"a\":1}"`+strings.Repeat(`}"`, deepestMessage)+"}") {
		t.Errorf("got %s", got)
	}
}

// The fields of a long message inside another have lines of their own as well.
func TestDecodedIsLaidOut(t *testing.T) {
	content := strings.Repeat("x", oneLine)
	s := decoded(`error response {"type":52,"dataContent":"{\"errorCode\":301,\"errorMsg\":\"{\\\"type\\\":2,\\\"dataContent\\\":\\\"` + content + `\\\",\\\"to\\\":\\\"u\\\"}\"}","from":"0"}`)
	want := []string{
		`error response {"type":52,`, `"dataContent":"{"errorCode":301,`, `"errorMsg":"{"type":2,`, `"dataContent":"` + content + `",`, `"to":"u"}"}",`, `"from":"0"}`,
	}
	if got := linesOf(s.text, s.fields); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// What differs is marked where it is shown.
func TestDecodedIsMarked(t *testing.T) {
	before, after := `{"a":"{\"code\":1025,\"b\":1}","c":1}`, `{"a":"{\"code\":1026,\"b\":1}","c":2}`
	_, marks := differences(before, after)
	if got, want := string(textHTML(after, marks)), `{"a":"{"code":<mark>1026</mark>,"b":1}","c":<mark>2</mark>}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	// A mark of nothing but a backslash shows nothing.
	at := strings.IndexByte(after, '\\')
	if got := string(textHTML(after, []span{{at + 1, at + 1}})); strings.Contains(got, "mark") {
		t.Errorf("got %s", got)
	}
}
