//go:build !unix

package cli

// openFileLimit is not known where the system has no such limit.
func openFileLimit() (limit int, known bool) { return 0, false }
