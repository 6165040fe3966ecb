package target

import (
	"os/exec"
	"regexp"
	"runtime"
	"sync"
	"time"
)

// outputDelay bounds the wait for output of children of the process after the process
// itself has ended.
const outputDelay = time.Second

// Process is a server that was launched. It ends with this program at the
// latest.
type Process struct {
	command *exec.Cmd
	output  tail
	ready   chan struct{} // closed when the line that says so was printed
	exited  chan struct{} // closed when the process has ended
	result  error         // result of the process; set before exited is closed

	stopTimeout time.Duration
	stopping    sync.Once
}

// startProcess starts a command. ready matches the line of stdout or stderr that shows that
// it is up; nil for none.
func startProcess(words []string, ready *regexp.Regexp, stopTimeout time.Duration) (*Process, error) {
	p := &Process{
		command: exec.Command(words[0], words[1:]...),
		ready:   make(chan struct{}), exited: make(chan struct{}), stopTimeout: stopTimeout,
	}
	p.command.SysProcAttr = ownGroup()
	p.command.WaitDelay = outputDelay
	p.command.Stderr, p.command.Stdout = &p.output, &p.output
	if ready != nil {
		found := sync.OnceFunc(func() { close(p.ready) })
		p.command.Stdout = &lineWatcher{to: &p.output, pattern: ready, found: found}
		p.command.Stderr = &lineWatcher{to: &p.output, pattern: ready, found: found}
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
	killGroup(p.command.Process) // children that it has started itself may have stayed
	<-p.exited
}

// tailSize is the size of the kept end of the output of a process, in bytes.
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

// maxLine bounds the part of a line that is matched, in bytes.
const maxLine = 64 << 10

// lineWatcher passes on what is written to it, and calls found when a line matches.
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
