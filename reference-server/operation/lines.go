package operation

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// Bounds of Lines.
const (
	maxWaitingLines = 1 << 20 // bytes that wait to be written
	flushTime       = time.Second
)

// Lines is a writer that never waits for who reads the lines: up to maxWaitingLines bytes of
// them wait, and further ones are left out, which a line says later. Make one with NewLines.
type Lines struct {
	out  io.Writer
	done chan struct{} // closed when nothing is written any more

	mu      sync.Mutex
	waiting []byte
	leftOut int
	closed  bool
	grown   chan struct{} // holds an element when there is something to write
}

// NewLines begins to write to out, until Close.
func NewLines(out io.Writer) *Lines {
	l := &Lines{out: out, done: make(chan struct{}), grown: make(chan struct{}, 1)}
	go l.write()
	return l
}

// Write takes a line. It always succeeds.
func (l *Lines) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.waiting)+len(line) > maxWaitingLines {
		l.leftOut++
		return len(line), nil
	}
	l.waiting = append(l.waiting, line...)
	l.wake()
	return len(line), nil
}

// wake has the goroutine look at what waits. It is called with mu held.
func (l *Lines) wake() {
	select {
	case l.grown <- struct{}{}:
	default:
	}
}

// write writes what waits, until Close.
func (l *Lines) write() {
	defer close(l.done)
	var spare []byte
	for range l.grown {
		batch, last := l.take(spare)
		_, _ = l.out.Write(batch) // nobody can be told
		spare = batch[:0]
		if last {
			return
		}
	}
}

// take returns all that waits, and leaves spare to be filled next. last is true once nothing
// more comes.
func (l *Lines) take(spare []byte) (batch []byte, last bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	batch, l.waiting = l.waiting, spare
	if l.leftOut > 0 {
		batch = fmt.Appendf(batch, "imcheck: %d lines of the log were left out, as nobody reads them fast enough\n", l.leftOut)
		l.leftOut = 0
	}
	return batch, l.closed
}

// Close writes what waits, for a second at most, and takes no more.
func (l *Lines) Close() {
	l.mu.Lock()
	l.closed = true
	l.wake()
	l.mu.Unlock()
	enough := time.NewTimer(flushTime)
	defer enough.Stop()
	select {
	case <-l.done:
	case <-enough.C:
	}
}
