package cli

import (
	"errors"
	"strings"
	"testing"

	"imcheck/conformance/suite"
)

// A run gets the files that are left, is warned when they are few, and is refused with
// the number that it needs when they are too few for one case.
func TestFileBudget(t *testing.T) {
	item := func(opens int) suite.Item { return suite.Item{Case: suite.Case{Opens: opens}} }
	items := []suite.Item{item(0), item(21), item(0), item(11)} // 4, 21, 4, 11
	for _, test := range []struct {
		budget   fileBudget
		parallel int
		files    int
		note     string
		err      string
	}{
		{budget: fileBudget{limit: 1000, fixed: 100, share: 1}},
		{budget: fileBudget{limit: 140, fixed: 100, share: 1}},
		{budget: fileBudget{limit: 139, fixed: 100, share: 1}, files: 39, note: "this process may have 139 open files, so fewer cases run at once and the run takes longer; 140 are enough for all (ulimit -n 140)"},
		{budget: fileBudget{limit: 139, fixed: 100, share: 1}, parallel: 3},
		{budget: fileBudget{limit: 121, fixed: 100, share: 1}, files: 21, note: "140 are enough"},
		{budget: fileBudget{limit: 120, fixed: 100, share: 1}, err: `needs 121 open files at least, and 140 to run all cases at once; this process may have 120: raise the limit with "ulimit -n 140"`},
		{budget: fileBudget{limit: 50, fixed: 100, share: 1}, parallel: 1, err: "needs 121 open files at least, and 121 to run"},
		{budget: fileBudget{limit: 179, fixed: 100, share: 2}, files: 39, note: "180 are enough"},
		{budget: fileBudget{limit: 141, fixed: 100, share: 2}, err: "142 open files at least, and 180"},
	} {
		files, note, err := test.budget.allot(items, test.parallel)
		_, few := errors.AsType[*openFilesError](err)
		switch {
		case files != test.files, few != (test.err != ""), err != nil && !strings.Contains(err.Error(), test.err):
			t.Errorf("%+v, %d at once: %d files, %v", test.budget, test.parallel, files, err)
		case !strings.Contains(note, test.note), test.note == "" && note != "":
			t.Errorf("%+v, %d at once: note %q, want %q", test.budget, test.parallel, note, test.note)
		}
	}
}
