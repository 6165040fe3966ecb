package cli_test

import (
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"imcheck/reports"
)

// finds CAPACITY PERCENT DIR: the search whose report is in a folder has found a capacity
// within so many percent. Bounds of one that the generator has ended are on either side
// of it.
func finds(ts *testscript.TestScript, _ bool, args []string) {
	capacity, err := strconv.ParseFloat(args[0], 64)
	ts.Check(err)
	percent, err := strconv.ParseFloat(args[1], 64)
	ts.Check(err)
	b, err := reports.ReadDir(ts.MkAbs(args[2]))
	ts.Check(err)
	c := b.Capacity
	least, most := capacity*(1-percent/100), capacity*(1+percent/100)
	switch {
	case c == nil:
		ts.Fatalf("%s has no report of a search", args[2])
	case c.Lower > most || c.Upper != 0 && c.Upper < least:
		ts.Fatalf("the search says from %v to %v, want %v: %s", c.Lower, c.Upper, capacity, c.Reason)
	case c.Ending != reports.EndingLimited && (c.Ending != reports.EndingFound || c.Lower < least || c.Upper > most):
		ts.Fatalf("the search is %s, from %v to %v, want %v within %v %%: %s", c.Ending, c.Lower, c.Upper, capacity, percent, c.Reason)
	}
}
