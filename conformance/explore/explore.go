package explore

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"time"

	"imcheck/harness/machine"
	"imcheck/harness/target"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
)

// Options say what is explored, and for how long.
type Options struct {
	Seed     uint64        // of the first conversation; each further one has the next
	Steps    int           // in all; the conversation that reaches them is played to its end
	Length   int           // steps of a conversation
	Parallel int           // conversations at once
	Duration time.Duration // after which no further conversation begins; 0 for no bound
	Pace     Pace
	Weights  Weights
	Progress func(Progress) // told after each conversation; may be nil
	Replay   Conversation   // to play instead of drawn ones; nil for those
}

// Progress counts what a run has done so far.
type Progress struct {
	Conversations, Steps, Findings int
}

// Outcome is the result of a run.
type Outcome struct {
	Progress
	Findings   []Finding      // those that are confirmed first
	Repeated   int            // conversations that differed as an earlier one did, and were not looked into
	Broken     int            // conversations that could not be played to their end
	BrokenBy   error          // the latest of them
	Disturbed  int            // conversations during which this process was stopped
	Tried      map[string]int // how often each kind of step was done
	NeverTried []string
	// Last are conversations that were under way when the target went away, those that
	// noticed it earliest first.
	Last []*File
	// Reached is how often each thing happened that the rules may do, and NeverReached what
	// they may do at this target and never did.
	Reached      map[string]int
	NeverReached []string
}

// explorer is a run.
type explorer struct {
	target   *target.Target
	control  *target.Control
	notified *Notifications
	options  Options
	pauses   machine.Pauses
	begun    time.Time

	mu         sync.Mutex
	outcome    Outcome
	favourites []choice
	known      map[cause]bool // of the differences that were found
	next       uint64
}

// WeightsError says that what is to be drawn cannot be drawn for a target.
type WeightsError struct{ Err error }

func (e *WeightsError) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong with the weights.
func (e *WeightsError) Unwrap() error { return e.Err }

// Run explores a target that has been discovered. It returns what was found so far with
// an error when the target cannot be reached any more, or ctx ends the run.
func Run(ctx context.Context, t *target.Target, o Options) (Outcome, error) {
	weights, err := o.Weights.on(t.Transports())
	if err != nil && o.Replay == nil {
		return Outcome{}, &WeightsError{err}
	}
	o.Weights = weights
	x := &explorer{target: t, options: o, begun: time.Now(), next: o.Seed, known: map[cause]bool{}, outcome: Outcome{Tried: map[string]int{}, Reached: map[string]int{}}}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if t.Control != "" {
		x.control = target.NewControl(t.Network, t.Control)
		defer x.control.Close()
		if t.Has(controlapi.CapabilityEvents) {
			x.notified = Follow(ctx, x.control, o.Parallel == 1)
		}
	}
	var background, workers sync.WaitGroup
	background.Go(func() { x.pauses.Watch(ctx) })
	until := time.Now().Add(o.Duration)
	for range o.Parallel {
		workers.Go(func() {
			for seed, more := x.take(until); more && ctx.Err() == nil; seed, more = x.take(until) {
				if err := x.explore(ctx, seed); err != nil && ctx.Err() == nil {
					x.broken(ctx, seed, err, cancel)
				}
			}
		})
	}
	workers.Wait()
	if err = context.Cause(ctx); err == nil || errors.Is(err, context.Canceled) {
		x.outcome.Last = nil
	}
	cancel(nil)
	background.Wait()
	for _, kind := range steps(o.Weights, abilitiesOf(t).Control) {
		if x.outcome.Tried[kind] == 0 {
			x.outcome.NeverTried = append(x.outcome.NeverTried, kind)
		}
	}
	for _, r := range within(o.Weights, abilitiesOf(t)) {
		if x.outcome.Reached[string(r)] == 0 {
			x.outcome.NeverReached = append(x.outcome.NeverReached, string(r))
		}
	}
	return x.outcome, err
}

// maxLast bounds the conversations that are kept when the target goes away.
const maxLast = 50

// probeWait is the time that a target has to show that it is still there.
const probeWait = 2 * time.Second

// broken notes a conversation that could not be played to its end, and ends the run when
// the target is not there any more.
func (x *explorer) broken(ctx context.Context, seed uint64, err error, giveUp context.CancelCauseFunc) {
	for _, on := range x.target.Transports() {
		if gone := x.target.Probe(ctx, on, probeWait); gone != nil {
			giveUp(gone)
			return
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.outcome.Broken++
	x.outcome.BrokenBy = err
	x.outcome.Last = slices.DeleteFunc(x.outcome.Last, func(f *File) bool { return f.Seed == seed })
}

// take draws the seed of the next conversation; false when there is to be none.
func (x *explorer) take(until time.Time) (seed uint64, more bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.options.Replay != nil {
		x.next++
		return x.next - 1, x.next == x.options.Seed+1
	}
	if x.outcome.Steps >= x.options.Steps || x.options.Duration > 0 && !time.Now().Before(until) {
		return 0, false
	}
	x.next++
	x.outcome.Steps += x.options.Length // corrected when it has been played
	return x.next - 1, true
}

// explore plays one conversation, and looks into it when it differs from the model.
func (x *explorer) explore(ctx context.Context, seed uint64) error {
	c := x.options.Replay
	if c == nil {
		c = Generate(seed, x.options.Length, abilitiesOf(x.target), x.options.Weights)
	}
	begun := time.Now()
	h, d, err := x.try(ctx, c, x.options.Pace)
	x.count(h)
	if err != nil {
		return x.underWay(seed, h, err)
	}
	if d == nil {
		return nil
	}
	if _, paused := x.pauses.During(begun, time.Now()); paused {
		x.mu.Lock()
		x.outcome.Disturbed++
		x.mu.Unlock()
		return nil
	}
	return x.underWay(seed, h, x.lookInto(ctx, seed, c, h, d))
}

// underWay keeps what was done in a conversation that an error ended.
func (x *explorer) underWay(seed uint64, h *history, err error) error {
	if err == nil {
		return nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if steps := h.played(); len(steps) > 0 && len(x.outcome.Last) < maxLast {
		x.outcome.Last = append(x.outcome.Last, &File{Seed: seed, Steps: steps})
	}
	return err
}

// transportOf is the transport of a connection, or for the application of the first one.
func (h *history) transportOf(conn int) wire.Transport {
	first := wire.Transports[0]
	for i := range h.steps {
		p := &h.steps[i]
		switch {
		case p.step.Do != Open:
		case p.step.Conn == conn:
			return p.on
		case p.step.Conn == 0:
			first = p.on
		}
	}
	return first
}

func (x *explorer) slower() Pace {
	return Pace{Quiet: x.options.Pace.Quiet * patience, Patience: x.options.Pace.Patience * patience}
}

// claim notes that a cause is looked into; false when it is known.
func (x *explorer) claim(c cause) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.known[c] {
		x.outcome.Repeated++
		return false
	}
	x.known[c] = true
	return true
}

// try plays a conversation and judges how it went.
func (x *explorer) try(ctx context.Context, c Conversation, pace Pace) (*history, *Difference, error) {
	h, err := play(ctx, x.target, x.control, x.notified, c, nonce(), pace)
	if err != nil {
		return h, nil, err
	}
	x.mu.Lock()
	favourites := slices.Clone(x.favourites)
	x.mu.Unlock()
	d := h.judge(&favourites)
	x.mu.Lock()
	x.favourites = favourites
	x.mu.Unlock()
	return h, d, nil
}

func nonce() string { return strconv.FormatUint(rand.Uint64()>>16, 36) }

// count notes what was done.
func (x *explorer) count(h *history) {
	var reached map[rule]int
	if x.options.Replay == nil { // else nothing was drawn that could have been left out
		reached = h.covered()
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.outcome.Conversations++
	x.outcome.Steps += len(h.steps)
	if x.options.Replay == nil {
		x.outcome.Steps -= x.options.Length // as counted before
	}
	for i := range h.steps {
		x.outcome.Tried[h.steps[i].kind()]++
	}
	for r, n := range reached {
		x.outcome.Reached[string(r)] += n
	}
	if x.options.Progress != nil {
		x.options.Progress(x.outcome.Progress)
	}
}

// kind names a kind of step: its action, with the transport or the frame.
func (p *performed) kind() string {
	switch p.step.Do {
	case Wait, Push, Kick:
		return string(p.step.Do)
	case Frame:
		return fmt.Sprintf("frame: %s on %s", p.step.Kind, p.on)
	case Handshake:
		return fmt.Sprintf("handshake: %s on %s", p.step.Kind, wire.WS)
	}
	return fmt.Sprintf("%s on %s", p.step.Do, p.on)
}

// steps lists every kind of step that can be drawn.
func steps(weights Weights, control bool) (all []string) {
	for _, w := range weights.steps {
		switch {
		case w.weight == 0:
		case w.what == Wait:
			all = append(all, string(w.what))
		case w.what == Push || w.what == Kick:
			if control {
				all = append(all, string(w.what))
			}
		case w.what == Handshake:
			if weights.transports.of(wire.WS) > 0 {
				for _, kind := range handshakeKinds {
					all = append(all, fmt.Sprintf("handshake: %s on %s", kind, wire.WS))
				}
			}
		default:
			for _, t := range weights.transports {
				on := t.what
				if t.weight == 0 {
					continue
				}
				if w.what != Frame {
					all = append(all, fmt.Sprintf("%s on %s", w.what, on))
					continue
				}
				for _, kind := range frameKinds[on] {
					all = append(all, fmt.Sprintf("frame: %s on %s", kind, on))
				}
			}
		}
	}
	return all
}
