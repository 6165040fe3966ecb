package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"imcheck/harness/process"
	"imcheck/reports"
)

// Bounds of what a swarm may take besides its own times.
const (
	swarmStart = 30 * time.Second // until it has logged in and reached its load
	swarmEnd   = 30 * time.Second // until what it has under way is over, and its report written
	swarmStop  = 3 * time.Second  // until it is killed, when its result is of no interest any more
)

// swarmProcess is a load in a process of its own, so that it does not make the tester late.
// It goes on until it is told that it is enough.
type swarmProcess struct {
	*process.Process
	input  io.WriteCloser // it ends the load when it is closed
	output *swarmOutput
	dir    string // of its report
	start  time.Duration
	finish time.Duration
}

// startSwarm starts the swarm of a level. It ends with the cases, and by itself a good while
// after them at the latest.
func (r *loadedRun) startSwarm(ctx context.Context, load float64) (*swarmProcess, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start the swarm: %w", err)
	}
	base := r.out
	if base == "" {
		base = r.scratch
	}
	o := r.underLoad.described.Options
	s := &swarmProcess{
		output: &swarmOutput{}, dir: filepath.Join(base, folderOf(load)),
		start: o.Ramp + o.Warmup + swarmStart, finish: o.RampDown + swarmEnd,
	}
	command := exec.Command(program, r.swarmArguments(load, s.dir)...)
	command.Env = r.swarmEnvironment()
	command.Stdout, command.Stderr = io.Discard, s.output
	if s.input, err = command.StdinPipe(); err == nil {
		s.Process, err = process.Start(command, swarmStop)
	}
	if err != nil {
		return nil, fmt.Errorf("start the swarm: %w", err)
	}
	return s, nil
}

// awaitLoad returns when the swarm has logged in and sends at its rate.
func (s *swarmProcess) awaitLoad(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.start)
	defer cancel()
	every := time.NewTicker(200 * time.Millisecond)
	defer every.Stop()
	for {
		select {
		case <-s.Exited():
			return fmt.Errorf("the swarm ended before it had reached its load%s", s.why())
		case <-ctx.Done():
			return fmt.Errorf("the swarm had not reached its load after %v", s.start)
		case <-every.C:
			if s.output.stage(ctx) == stageSteady {
				return nil
			}
		}
	}
}

// why describes how the swarm ended.
func (s *swarmProcess) why() string {
	if l := s.report(); l != nil {
		return ": " + l.Reason
	}
	return ": " + s.output.lastLine()
}

// ended reports whether the swarm has ended by itself.
func (s *swarmProcess) ended() bool {
	select {
	case <-s.Exited():
		return true
	default:
		return false
	}
}

// report reads what the swarm has written; nil when there is nothing.
func (s *swarmProcess) report() *reports.Load {
	found, err := reports.Read(filepath.Join(s.dir, reports.LoadFile))
	if err != nil {
		return nil
	}
	return found.Load
}

// end tells the swarm that it is enough, waits until it has ended and returns its report.
func (s *swarmProcess) end(ctx context.Context) (*reports.Load, error) {
	_ = s.input.Close() // it may have ended before
	enough := time.NewTimer(s.finish)
	defer enough.Stop()
	var late error
	select {
	case <-s.Exited():
	case <-ctx.Done():
	case <-enough.C:
		late = fmt.Errorf("the swarm had not ended %v after its time", s.finish)
	}
	s.Stop()
	if late != nil {
		return nil, late
	}
	if l := s.report(); l != nil {
		return l, nil
	}
	return nil, errors.New("the swarm has left no report: " + s.output.lastLine())
}

// swarmOutput reads what a swarm prints on stderr.
type swarmOutput struct {
	process.Tail
	mu      sync.Mutex
	line    []byte
	address string // of its metrics
}

var metricsLine = regexp.MustCompile(`^metrics: (http://[^ ]+)$`)

// Write looks for the address of the metrics.
func (o *swarmOutput) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.address == "" && len(o.line) < 64<<10 {
		o.line = append(o.line, b...)
		for line := range bytes.Lines(o.line) {
			if found := metricsLine.FindSubmatch(bytes.TrimSpace(line)); found != nil && bytes.HasSuffix(line, []byte("\n")) {
				o.address, o.line = string(found[1]), nil
				break
			}
		}
	}
	return o.Tail.Write(b)
}

// lastLine returns the end of what was printed.
func (o *swarmOutput) lastLine() string {
	lines := strings.Split(strings.TrimSpace(o.String()), "\n")
	return lines[len(lines)-1]
}

// stageSteady is the stage in which a load counts.
const stageSteady = "steady"

var stageLine = regexp.MustCompile(`(?m)^imcheck_load_stage\{stage="([^"]*)"\} 1$`)

// stage asks a swarm which stage of its run is under way; "" when it cannot tell yet.
func (o *swarmOutput) stage(ctx context.Context) string {
	o.mu.Lock()
	address := o.address
	o.mu.Unlock()
	if address == "" {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return ""
	}
	answer, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		return ""
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if found := stageLine.FindSubmatch(text); err == nil && found != nil {
		return string(found[1])
	}
	return ""
}
