package content

import (
	"strings"
	"testing"
)

func TestLongTextsAreCut(t *testing.T) {
	got := Shortened(strings.Repeat("é", shownRunes+1234))
	if n := strings.Count(got, "é"); n != shownRunes || !strings.Contains(got, "(1,234 more") {
		t.Errorf("%d characters shown in\n%s", n, got)
	}
	if whole := strings.Repeat("é", shownRunes); Shortened(whole) != whole {
		t.Error("a text that is not too long was cut")
	}
}
