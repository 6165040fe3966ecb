package process

import "syscall"

// ownGroup puts a process into a group of its own, so that an interrupt from
// the terminal ends the run first and the server after it, and has the system
// kill the process should this program be killed.
func ownGroup() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
