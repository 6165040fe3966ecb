//go:build unix && !linux

package process

import "syscall"

// ownGroup puts a process into a group of its own, so that an interrupt from
// the terminal ends the run first and the server after it.
func ownGroup() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
