package machine

import "fmt"

// OpenFilesError says that the system lets this process open too few files.
type OpenFilesError struct {
	Needed uint64
	Limit  uint64 // the hard limit
	Err    error  // of the attempt to raise the soft limit; may be nil
}

func (e *OpenFilesError) Error() string {
	text := fmt.Sprintf("the run needs %d open files, and this process may have %d: raise the limit with \"ulimit -n %d\" "+
		"(as root, or in /etc/security/limits.conf), or use fewer --clients", e.Needed, e.Limit, e.Needed)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap gives the system's own error.
func (e *OpenFilesError) Unwrap() error { return e.Err }

// CheckOpenFiles makes sure that this many files can be open at once, for which
// it raises the soft limit up to the hard one. The error is an
// *OpenFilesError. Where the system has no such limit there is nothing to check.
func CheckOpenFiles(needed uint64) error {
	soft, hard, known := OpenFileLimit()
	if !known || soft >= needed {
		return nil
	}
	if hard < needed {
		return &OpenFilesError{Needed: needed, Limit: hard}
	}
	if err := raiseOpenFileLimit(); err != nil {
		return &OpenFilesError{Needed: needed, Limit: soft, Err: err}
	}
	return nil
}
