package machine

import "fmt"

// OpenFilesError reports that the system lets this process open too few files.
type OpenFilesError struct {
	Needed uint64
	Limit  uint64 // the hard limit
	Err    error  // reason that the soft limit could not be raised; may be nil
}

func (e *OpenFilesError) Error() string {
	text := fmt.Sprintf("the run needs %d open files, and this process may have %d: raise the limit with \"ulimit -n %d\" "+
		"(as root, or in /etc/security/limits.conf), or use fewer --clients", e.Needed, e.Limit, e.Needed)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the system's own error.
func (e *OpenFilesError) Unwrap() error { return e.Err }

// CheckOpenFiles makes sure that this process can have a number of files open at once,
// and raises its soft limit as far as necessary. The error is an *OpenFilesError. On a
// system without such a limit it does nothing.
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
