//go:build unix

package machine

import (
	"os"
	"syscall"
	"time"
)

// OpenFileLimit returns the soft and the hard limit of open files of this process. The
// runtime has raised the soft limit already, as far as it could.
func OpenFileLimit() (soft, hard uint64, known bool) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, 0, false
	}
	return uint64(limit.Cur), uint64(limit.Max), true
}

// raiseOpenFileLimit sets the soft limit to the hard one.
func raiseOpenFileLimit() error {
	var limit syscall.Rlimit
	err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit)
	if err == nil {
		limit.Cur = limit.Max
		err = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
	}
	return os.NewSyscallError("setrlimit", err)
}

// CPUSeconds returns the CPU time that this process has used so far, system calls
// included.
func CPUSeconds() float64 {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return 0
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano()).Seconds()
}
