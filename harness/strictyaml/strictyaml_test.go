package strictyaml

import (
	"errors"
	"strings"
	"testing"
)

type sample struct {
	Name  string   `yaml:"name"`
	Count int      `yaml:"count"`
	Share *float64 `yaml:"share"`
	Words []string `yaml:"words"`
	Inner struct {
		Name string `yaml:"name"`
	} `yaml:"inner"`
}

func TestDecode(t *testing.T) {
	var s sample
	root, err := Decode([]byte("name: a\ncount: 2\nwords: [x, y]\ninner:\n  name: b\n"), &s, "")
	if err != nil || root == nil || s.Name != "a" || s.Count != 2 || len(s.Words) != 2 || s.Inner.Name != "b" {
		t.Errorf("got %+v, %v", s, err)
	}
	for _, empty := range []string{"", "# nothing\n", "---\n", "~"} {
		if root, err := Decode([]byte(empty), &s, ""); root != nil || err != nil {
			t.Errorf("%q: got %v, %v", empty, root, err)
		}
	}
}

func TestMistakes(t *testing.T) {
	for _, test := range []struct {
		text   string
		line   int
		reason string
	}{
		{"name: a\nnmae: b\n", 2, `unknown key "nmae": use name or count`},
		{"inner:\n  count: 1\n", 2, `unknown key "count": use name or count`},
		{"count: many\n", 1, "this has to be a whole number"},
		{"share: half\n", 1, "this has to be a number"},
		{"name: [a]\n", 1, "this has to be a text"},
		{"words: a\n", 1, "this has to be a list"},
		{"\ninner: a\n", 2, "this has to be a mapping of keys to values"},
		{"name: a\n---\nname: b\n", 2, "a second document"},
		{"name: a\nname: b\n", 2, "already"},
		{"name: \"a\n", 0, ""},
	} {
		var s sample
		_, err := Decode([]byte(test.text), &s, "use name or count")
		e, ok := errors.AsType[*Error](err)
		if !ok || !strings.Contains(e.Reason, test.reason) || test.line != 0 && e.Line != test.line {
			t.Errorf("%q: got %v", test.text, err)
		}
	}
}

func TestFindEmpty(t *testing.T) {
	for text, want := range map[string]string{
		"a: 1\nb: {c: [], d: {}}\n": "",
		"a:\n":                      "a",
		"a: ''\n":                   "a",
		"a: ~\nb:\n":                "a",
		"a: 1\nb:\n  c:\n":          "b.c",
		"a: [x, '', y]\n":           "a.1",
		"- {a: 1}\n- {a: }\n":       "1.a",
		"a: ' '\n":                  "",
		"a: false\nb: 0\n":          "",
	} {
		var into any
		root, err := Decode([]byte(text), &into, "")
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(FindEmpty(root), "."); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestLineOf(t *testing.T) {
	var into map[string]any
	root, err := Decode([]byte("a:\n  b:\n    - x\n    - y\nc: 1\n"), &into, "")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		keys []string
		line int
		has  bool
	}{
		{nil, 1, true},
		{[]string{"a"}, 1, true},
		{[]string{"a", "b"}, 2, true},
		{[]string{"a", "b", "1"}, 4, true},
		{[]string{"a", "b", "7"}, 3, false},
		{[]string{"c"}, 5, true},
		{[]string{"d"}, 1, false},
		{[]string{"a", "d"}, 2, false},
	}
	for _, test := range tests {
		if line, has := LineOf(root, test.keys...), Has(root, test.keys...); line != test.line || has != test.has {
			t.Errorf("%v: line %d, there: %t; want %d, %t", test.keys, line, has, test.line, test.has)
		}
	}
}
