//go:build !unix

package process

import (
	"os"
	"syscall"
)

func ownGroup() *syscall.SysProcAttr { return nil }

// terminateGroup does nothing where a process cannot be asked to end.
func terminateGroup(*os.Process) {}

// killGroup ends a process; one that has ended is an error of no interest.
func killGroup(p *os.Process) { _ = p.Kill() }
