package cli

import (
	"fmt"

	"imcheck/conformance/suite"
	"imcheck/harness/machine"
	"imcheck/harness/target"
)

// Open files that a conformance run needs besides those of its cases: standard
// streams, the runtime's own, the probes, a child's pipes, the report; and connections
// to a control API that are kept for further calls.
const (
	filesOfRun     = 40
	filesOfControl = target.MaxIdleConnections
)

// fileBudget is the number of open files that the cases of conform may use.
type fileBudget struct {
	limit int // for the process
	fixed int // used by other than cases
	share int // factor for the files of cases: runs side by side, and a server in this process
}

// newFileBudget returns the budget for a number of runs side by side; known is false
// without a limit.
func (f *conformFlags) newFileBudget(runs int, control bool) (b fileBudget, known bool) {
	limit, _, known := machine.OpenFileLimit()
	b.limit = int(min(limit, 1<<30))
	b.share, b.fixed = runs, filesOfRun*runs
	if control {
		b.fixed += filesOfControl * runs
	}
	if f.target.embedded() {
		b.share, b.fixed = 2*b.share, 2*b.fixed
	}
	return b, known
}

// allotFiles returns the number of open files for the cases of each run, and notes when
// that lets fewer run at once.
func (f *conformFlags) allotFiles(bar *progress, items []suite.Item, runs int, control bool) (files int, err error) {
	b, known := f.newFileBudget(runs, control)
	if !known {
		return 0, nil
	}
	files, note, err := b.allot(items, f.parallel)
	if note != "" {
		bar.note("%s", note)
	}
	return files, err
}

// allot returns the number of files for the cases of one run, 0 for any number, and a
// sentence for the user where they cannot all run at once. The error has the number that
// is needed at least.
func (b fileBudget) allot(items []suite.Item, parallel int) (files int, note string, err error) {
	together, largest := suite.FilesNeeded(items, parallel)
	files = (b.limit - b.fixed) / b.share
	needed := func(files int) int { return b.fixed + files*b.share }
	switch {
	case files < largest:
		return 0, "", &openFilesError{b.limit, needed(largest), needed(together)}
	case files < together:
		return files, fmt.Sprintf("note: this process may have %d open files, so fewer cases run at once and the run takes longer; %d are enough for all (ulimit -n %d)",
			b.limit, needed(together), needed(together)), nil
	}
	return 0, "", nil
}

// openFilesError reports that a run cannot have the files that it needs.
type openFilesError struct{ limit, least, enough int }

func (e *openFilesError) Error() string {
	return fmt.Sprintf("the run needs %d open files at least, and %d to run all cases at once; this process may have %d: raise the limit with \"ulimit -n %d\"",
		e.least, e.enough, e.limit, e.enough)
}
