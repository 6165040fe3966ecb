package servercases_test

import (
	"os"
	"testing"

	"imcheck/conformance/servercases"
	"imcheck/conformance/suite"
	"imcheck/reports"
)

func TestCatalogueIsComplete(t *testing.T) {
	all := servercases.All()
	if err := suite.Check(all); err != nil {
		t.Fatal(err)
	}
	must := 0
	for _, c := range all {
		if c.Level == reports.Must {
			must++
		}
		if _, err := os.Stat(c.Area() + ".go"); err != nil {
			t.Errorf("case %s: its area has no file of that name: %v", c.ID, err)
		}
	}
	if must < 30 {
		t.Errorf("%d MUST cases, want 30 at least", must)
	}
	t.Logf("%d cases, %d of them MUST", len(all), must)
}

// No case opens more connections than it says, which the number of open files is
// reckoned with.
func TestOpens(t *testing.T) {
	t.Parallel()
	most := map[string]int{}
	count := func(f suite.Finished) {
		if f.Opened > f.Item.Files() {
			t.Errorf("%s opened %d connections, and says %d", f.Item.Name(), f.Opened, f.Item.Files())
		}
		most[f.Item.ID] = max(most[f.Item.ID], f.Opened)
	}
	world{modes: all3S, finished: count}.run(t, servercases.All())
	for _, c := range servercases.All() {
		if c.LongWait == 0 && c.Opens > 0 && most[c.ID] != c.Opens {
			t.Errorf("%s says that it opens %d connections, and opens %d", c.ID, c.Opens, most[c.ID])
		}
	}
}
