package driver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"imcheck/harness/process"
	"imcheck/protocol/driverapi"
)

// pollTime bounds the wait of a client that asks for commands while there is none.
const pollTime = 5 * time.Second

// Reasons not to take what a client says.
var (
	errNoCase   = errors.New("no case has begun: wait for the first command")
	errCaseOver = errors.New("the case is over: say again that a client is ready")
)

// remote is a client that has come over HTTP. It is the stdin that its driver writes to.
type remote struct {
	number string
	ready  driverapi.Event
	stderr process.Tail
	told   chan struct{} // closed when it is told its last command
	hears  sync.Once

	mu     sync.Mutex
	lines  [][]byte // all commands
	last   bool     // there will be no more of them
	more   chan struct{}
	asking int       // requests for commands that are under way
	asked  time.Time // end of the last one
	gone   *time.Timer

	telling sync.Mutex     // held while events are passed on
	events  *io.PipeWriter // nil before its first case
}

func newRemote(number string, ready driverapi.Event) *remote {
	return &remote{number: number, ready: ready, told: make(chan struct{}), more: make(chan struct{}), asked: time.Now()}
}

// drive returns the driver of a client that waits for a case, nil when it has gone.
// released is called when it is stopped.
func (r *remote) drive(released func()) *Driver {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asking == 0 && time.Since(r.asked) >= silentTime {
		return nil
	}
	out, events := io.Pipe()
	r.events = events
	r.gone = time.AfterFunc(silentTime, r.checkGone)
	d := newDriver(r, out, r.stderr.String, func() {
		r.gone.Stop()
		_ = events.CloseWithError(errCaseOver)
		released()
	})
	d.Ready = r.ready
	return d
}

// checkGone ends a client that does not ask for commands any more.
func (r *remote) checkGone() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asking > 0 {
		return // the end of that request sets the timer
	}
	_ = r.events.CloseWithError(fmt.Errorf("it has not asked for commands for %v", silentTime))
}

// Write adds commands, each of which is one line.
func (r *remote) Write(line []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, bytes.Clone(line))
	r.wake()
	return len(line), nil
}

// Close says that there are no more commands.
func (r *remote) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.last = true
	r.wake()
	return nil
}

// exit tells the client to exit if it was not told yet.
func (r *remote) exit() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.last {
		r.lines = append(r.lines, driverapi.Command{Do: driverapi.ActionExit}.Append(nil))
		r.last = true
		r.wake()
	}
}

// wake tells requests that there is more to tell; the lock is held.
func (r *remote) wake() {
	close(r.more)
	r.more = make(chan struct{})
}

// commands returns the commands after the first few, of which there may be none after a
// while. over is true when there will be none.
func (r *remote) commands(ctx context.Context, after int) (lines []byte, over bool, err error) {
	r.mu.Lock()
	r.asking++
	r.mu.Unlock()
	defer r.answered()
	ctx, cancel := context.WithTimeout(ctx, pollTime)
	defer cancel()
	for {
		lines, over, more, err := r.look(after)
		if len(lines) > 0 || over || err != nil {
			return lines, over, err
		}
		select {
		case <-more:
		case <-ctx.Done():
			return nil, false, nil
		}
	}
}

// look returns what commands returns, and a channel that is closed when there is more.
func (r *remote) look(after int) (lines []byte, over bool, more <-chan struct{}, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if after > len(r.lines) {
		return nil, false, nil, fmt.Errorf("there were only %d commands, not %d", len(r.lines), after)
	}
	if r.last {
		r.hears.Do(func() { close(r.told) })
	}
	if r.last && after == len(r.lines) {
		return nil, true, nil, nil
	}
	return bytes.Join(r.lines[after:], nil), false, r.more, nil
}

// answered notes the end of a request for commands.
func (r *remote) answered() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asking--
	r.asked = time.Now()
	if r.gone != nil && !r.last {
		r.gone.Reset(silentTime)
	}
}

// tell passes events on, in whole lines. The error says why there is nobody to tell.
func (r *remote) tell(lines []byte) error {
	r.mu.Lock()
	events := r.events
	r.mu.Unlock()
	if events == nil {
		return errNoCase
	}
	if !bytes.HasSuffix(lines, []byte("\n")) {
		lines = append(lines, '\n')
	}
	r.telling.Lock()
	defer r.telling.Unlock()
	_, err := events.Write(lines)
	if errors.Is(err, io.ErrClosedPipe) {
		return errCaseOver
	}
	return err
}
