package versions

import (
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, v := range Known {
		if got, err := Parse(string(v)); got != v || err != nil {
			t.Errorf("%s: got %q, %v", v, got, err)
		}
	}
	for _, text := range []string{"", "6", "6.1", "6.6", "v6.5", "6.5 ", "newest"} {
		if got, err := Parse(text); got != "" || err == nil || !strings.Contains(err.Error(), "use 6.0, 6.1.1, 6.1.2, 6.2, 6.3, 6.4 or 6.5") {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
}

func TestBefore(t *testing.T) {
	all := append([]Version{""}, Known[:]...)
	for i, v := range all {
		for j, other := range all {
			if got := v.Before(other); got != (i < j) {
				t.Errorf("%q before %q: %t", v, other, got)
			}
		}
	}
	if newest := Known[len(Known)-1]; newest != Newest {
		t.Errorf("the newest is %s, want the last, %s", Newest, newest)
	}
}
