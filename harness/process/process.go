// Package process runs the processes of systems under test: each in a group of its own,
// which ends with this program at the latest, and of which nothing is left once it is
// stopped.
package process

import (
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// outputDelay bounds the wait for output of children of the process after the process
// itself has ended.
const outputDelay = time.Second

// Process is a process that was started.
type Process struct {
	command *exec.Cmd
	exited  chan struct{}
	result  error // set before exited is closed

	stopTimeout time.Duration
	stopping    sync.Once
}

// Start starts a command. Stop waits for as long as stopTimeout before it kills.
func Start(command *exec.Cmd, stopTimeout time.Duration) (*Process, error) {
	p := &Process{command: command, exited: make(chan struct{}), stopTimeout: stopTimeout}
	command.SysProcAttr, command.WaitDelay = ownGroup(), outputDelay
	started := make(chan error, 1)
	go p.run(started)
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// run starts the process and waits for it. Linux ends a process with the thread
// that started it, as ownGroup asks for, so this thread is kept for as long.
func (p *Process) run(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := p.command.Start()
	started <- err
	if err != nil {
		return
	}
	p.result = p.command.Wait()
	close(p.exited)
}

// Exited is closed when the process has ended.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// Result returns what exec.Cmd.Wait has for a process that has ended.
func (p *Process) Result() error { return p.result }

// Stop asks the process to end, kills it when it does not do so in time, and
// returns when it and what it has started are gone. It may be called several times.
func (p *Process) Stop() { p.stopping.Do(p.stop) }

func (p *Process) stop() {
	select {
	case <-p.exited:
	default:
		terminateGroup(p.command.Process)
	}
	overdue := time.NewTimer(p.stopTimeout)
	defer overdue.Stop()
	select {
	case <-p.exited:
	case <-overdue.C:
	}
	killGroup(p.command.Process) // children that it has started itself may have stayed
	<-p.exited
}
