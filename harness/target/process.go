package target

import (
	"os/exec"
	"regexp"
	"runtime"
	"sync"
	"time"
)

// outputDelay is how long output is waited for that a child of the process may
// still write after the process itself has ended.
const outputDelay = time.Second

// Process is a server that was launched. It ends with this program at the
// latest.
type Process struct {
	command *exec.Cmd
	output  tail
	ready   chan struct{} // closed when the line has come that says so
	exited  chan struct{} // closed when the process has ended
	result  error         // of the process; set before exited is closed

	stopTimeout time.Duration
	stopping    sync.Once
}

// startProcess starts a command. ready is the line of stdout that shows that it
// is up; nil for none.
func startProcess(words []string, ready *regexp.Regexp, stopTimeout time.Duration) (*Process, error) {
	p := &Process{
		command: exec.Command(words[0], words[1:]...),
		ready:   make(chan struct{}), exited: make(chan struct{}), stopTimeout: stopTimeout,
	}
	p.command.SysProcAttr = ownGroup()
	p.command.WaitDelay = outputDelay
	p.command.Stderr, p.command.Stdout = &p.output, &p.output
	if ready != nil {
		p.command.Stdout = &lineWatcher{to: &p.output, pattern: ready, found: sync.OnceFunc(func() { close(p.ready) })}
	} else {
		close(p.ready)
	}
	started := make(chan error, 1)
	go p.run(started)
	return p, <-started
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

// Stop asks the process to end, kills it when it does not do so in time, and
// returns when it is gone. It may be called several times.
func (p *Process) Stop() { p.stopping.Do(p.stop) }

func (p *Process) stop() {
	terminateGroup(p.command.Process)
	overdue := time.NewTimer(p.stopTimeout)
	defer overdue.Stop()
	select {
	case <-p.exited:
	case <-overdue.C:
	}
	killGroup(p.command.Process) // what it has started itself may have stayed
	<-p.exited
}

// tailSize is how much of what a process wrote is kept, in bytes.
const tailSize = 4 << 10

// tail keeps the end of what is written to it, from any goroutine.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if surplus := len(t.text) - tailSize; surplus > 0 {
		t.text = append(t.text[:0], t.text[surplus:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}

// maxLine bounds in bytes the line that is looked at; of a longer one only the
// start counts.
const maxLine = 64 << 10

// lineWatcher passes on what is written to it and calls found when a line
// matches.
type lineWatcher struct {
	to      *tail
	pattern *regexp.Regexp
	found   func()
	line    []byte
}

func (w *lineWatcher) Write(b []byte) (int, error) {
	for _, c := range b {
		switch {
		case c != '\n' && len(w.line) < maxLine:
			w.line = append(w.line, c)
		case c == '\n':
			if w.pattern.Match(w.line) {
				w.found()
			}
			w.line = w.line[:0]
		}
	}
	return w.to.Write(b)
}
