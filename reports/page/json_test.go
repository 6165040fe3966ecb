package page

import (
	"slices"
	"strings"
	"testing"
)

// linesOf cuts a text where its fields begin, as the page shows it: the first one
// of an object stays beside its brace.
func linesOf(text string, fields []span) []string {
	var lines []string
	at := 0
	for i, f := range fields {
		if text[f.start-1] == '{' || text[f.start-1] == '[' || i == 0 {
			continue
		}
		lines = append(lines, text[at:f.start])
		at = f.start
	}
	return append(lines, text[at:])
}

func TestLayout(t *testing.T) {
	long := strings.Repeat("x", oneLine)
	tests := map[string]struct {
		text string
		want []string
	}{
		"short":              {`{"a":1,"b":2}`, []string{`{"a":1,"b":2}`}},
		"message":            {`{"a":"` + long + `","b":false,"c":-1}`, []string{`{"a":"` + long + `",`, `"b":false,`, `"c":-1}`}},
		"quoted":             {`data {"a":"` + long + `","b":2} twice`, []string{`data {"a":"` + long + `",`, `"b":2} twice`}},
		"nested":             {`{"a":{"b":"` + long + `","c":[1,2]},"d":0}`, []string{`{"a":{"b":"` + long + `",`, `"c":[1,`, `2]},`, `"d":0}`}},
		"separated":          {`{"a" : "` + long + `" , "b" : 2 }`, []string{`{"a" : "` + long + `" ,`, ` "b" : 2 }`}},
		"in string":          {`{"a":"` + long + `{\"b\":1,\"c\":2}","d":"\\"}`, []string{`{"a":"` + long + `{\"b\":1,\"c\":2}",`, `"d":"\\"}`}},
		"two":                {`{"a":1,"b":2} not {"a":1,"b":"` + long + `"}`, []string{`{"a":1,`, `"b":2} not {"a":1,`, `"b":"` + long + `"}`}},
		"no JSON":            {`{oops ` + long, []string{`{oops ` + long}},
		"cut":                {`{"a":1,"b":"` + long, []string{`{"a":1,"b":"` + long}},
		"after what is none": {`{{{ {"a":1,"b":"` + long + `"}`, []string{`{{{ {"a":1,`, `"b":"` + long + `"}`}},
		"after too much":     {`{{{{{{ {"a":1,"b":"` + long + `"}`, []string{`{{{{{{ {"a":1,"b":"` + long + `"}`}},
		"list":               {`[1,2,"` + long + `"]`, []string{`[1,2,"` + long + `"]`}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := linesOf(test.text, layout(test.text)); !slices.Equal(got, test.want) {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
		})
	}
}

// A message that is nested deeper than a browser can nest elements is laid out
// as far as that helps.
func TestLayoutIsBounded(t *testing.T) {
	const depth = 5000
	text := strings.Repeat(`{"a":`, depth) + "1" + strings.Repeat("}", depth)
	if got := len(layout(text)); got != deepest {
		t.Errorf("%d fields, want %d", got, deepest)
	}
}

func TestMessageFields(t *testing.T) {
	text := `push {"type" : 2 ,"dataContent":"a,\"b\"}" , "n\u0061me": {"x":[1,2]},"last":null } rest`
	fields, ok := messageFields(text)
	if !ok {
		t.Fatal("no message was found")
	}
	var got []string
	for _, f := range fields {
		got = append(got, f.name+"="+text[f.value.start:f.value.end])
	}
	if want := []string{`type=2`, `dataContent="a,\"b\"}"`, `name={"x":[1,2]}`, `last=null`}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, text := range []string{"", "{oops", "[1]", "this end closes"} {
		if _, ok := messageFields(text); ok {
			t.Errorf("%q has a message", text)
		}
	}
	if fields, ok := messageFields("{ }"); !ok || len(fields) != 0 {
		t.Errorf("an empty object has %d fields, %v", len(fields), ok)
	}
}
