package cases_test

import (
	"os"
	"testing"

	"imcheck/conformance"
	"imcheck/conformance/cases"
)

func TestCatalogueIsComplete(t *testing.T) {
	all := cases.All()
	if err := conformance.Check(all); err != nil {
		t.Fatal(err)
	}
	must := 0
	for _, c := range all {
		if c.Level == conformance.Must {
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
