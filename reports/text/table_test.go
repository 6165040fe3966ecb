package text

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"imcheck/reports/internal/reporttest"
	"imcheck/reports/words"
)

func TestParts(t *testing.T) {
	titles := []string{"kind", "from", " a", " b", " c", ""}
	widths := []int{6, 4, 5, 5, 5, 10}
	for _, test := range []struct {
		room int
		want string
	}{
		{0, "[[0 1 2 3 4 5]]"},
		{45, "[[0 1 2 3 4 5]]"},
		{44, "[[0 1 2 3 4] [0 1 5]]"},
		{32, "[[0 1 2 3] [0 1 4 5]]"},
		{23, "[[0 1 2] [0 3 4] [0 5]]"}, // the first two take more than half
		{5, "[[0 1] [0 2] [0 3] [0 4] [0 5]]"},
	} {
		if got := fmt.Sprint(parts(titles, widths, test.room)); got != test.want {
			t.Errorf("%d: got %s, want %s", test.room, got, test.want)
		}
	}
}

// Nothing but the verdict and commands to copy is wider than the terminal, and every
// figure is there.
func TestSummaryFitsTheTerminal(t *testing.T) {
	wide := strings.Fields(string(text(t, reporttest.Model(t, "load-bottleneck"), Options{})))
	for _, width := range []int{60, 80, 100} {
		got := string(text(t, reporttest.Model(t, "load-bottleneck"), Options{Width: width}))
		for i, line := range strings.Split(got, "\n") {
			if n := words.Columns(line); i > 0 && n > width {
				t.Errorf("%d columns: a line of %d: %s", width, n, line)
			}
		}
		for _, word := range wide {
			if !slices.Contains(strings.Fields(got), word) {
				t.Errorf("%d columns: %q is missing", width, word)
			}
		}
	}
}
