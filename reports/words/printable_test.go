package words

import "testing"

func TestPrintable(t *testing.T) {
	tests := map[string]string{
		"plain, 用户 é":  "plain, 用户 é",
		"\x1b[31m":     `\x1b[31m`,
		"a\r\nb\t\x00": `a\r\nb\t\x00`,
		"\xff\xfe":     `\xff\xfe`,
		"\u202eabc":    `\u202eabc`,
		"\u009b2J":     `\u009b2J`,
		"'\"":          `'"`,
	}
	for in, want := range tests {
		if got := Printable(in); got != want {
			t.Errorf("printable(%q) is %q, want %q", in, got, want)
		}
	}
}

func TestNoCommand(t *testing.T) {
	for in, want := range map[string]string{
		"::error::x":       `\::error::x`,
		"  \t::set-env x=": "  \t" + `\::set-env x=`,
		"##vso[task.x]":    `\##vso[task.x]`,
		"##[error]":        `\##[error]`,
		"a ::error::":      "a ::error::",
		":x":               ":x",
		"":                 "",
	} {
		if got := NoCommand(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
