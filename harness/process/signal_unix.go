//go:build unix

package process

import (
	"os"
	"syscall"
)

// A group that is gone already is an error of no interest.

// terminateGroup asks a process, and what it has started, to end.
func terminateGroup(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGTERM) }

// killGroup ends a process, and what it has started.
func killGroup(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGKILL) }
