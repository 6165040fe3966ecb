package words

import "testing"

func TestColumns(t *testing.T) {
	for text, want := range map[string]int{
		"":          0,
		"plain":     5,
		"p99 1µs ✓": 9,
		"用户":        4,
		"e\u0301":   1, // an accent of its own
		"한글ﾊ":       5, // the last one is half as wide
		"🚀!":        3,
		"“quoted”…": 9,
	} {
		if got := Columns(text); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}

func TestClipColumns(t *testing.T) {
	for _, test := range []struct {
		text  string
		width int
		want  string
	}{
		{"0123456789", 10, "0123456789"},
		{"0123456789", 9, "01234567…"},
		{"0123456789", 1, "…"},
		{"用户用户", 8, "用户用户"},
		{"用户用户", 7, "用户用…"},
		{"用户用户", 6, "用户…"}, // half a character is not shown
		{"e\u0301e\u0301e\u0301", 2, "e\u0301…"},
		{"", 5, ""},
	} {
		got := ClipColumns(test.text, test.width)
		if got != test.want || Columns(got) > test.width {
			t.Errorf("%q in %d: got %q, want %q", test.text, test.width, got, test.want)
		}
	}
}
