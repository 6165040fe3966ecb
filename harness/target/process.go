package target

import (
	"os/exec"
	"regexp"
	"sync"
	"time"

	"imcheck/harness/process"
)

// Process is a server that was launched. It ends with this program at the
// latest.
type Process struct {
	*process.Process
	output process.Tail
	ready  chan struct{} // closed when the line that says so was printed
}

// startProcess starts a command. ready matches the line of stdout or stderr that shows
// that it is up; nil for none.
func startProcess(words []string, ready *regexp.Regexp, stopTimeout time.Duration) (p *Process, err error) {
	p = &Process{ready: make(chan struct{})}
	command := exec.Command(words[0], words[1:]...)
	command.Stderr, command.Stdout = &p.output, &p.output
	if ready != nil {
		found := sync.OnceFunc(func() { close(p.ready) })
		command.Stdout = &lineWatcher{to: &p.output, pattern: ready, found: found}
		command.Stderr = &lineWatcher{to: &p.output, pattern: ready, found: found}
	} else {
		close(p.ready)
	}
	p.Process, err = process.Start(command, stopTimeout)
	return p, err
}

// maxLine bounds the part of a line that is matched, in bytes.
const maxLine = 64 << 10

// lineWatcher passes on what is written to it, and calls found when a line matches.
type lineWatcher struct {
	to      *process.Tail
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
