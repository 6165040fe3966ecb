//go:build unix

package cli

import "syscall"

// openFileLimit is how many files this process may have open. The runtime has raised
// the soft limit to the hard one.
func openFileLimit() (limit int, known bool) {
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r); err != nil {
		return 0, false
	}
	return int(min(uint64(r.Cur), 1<<30)), true
}
