package suite

import (
	"cmp"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"time"

	"imcheck/harness/machine"
	"imcheck/harness/transport/record"
	"imcheck/reports"
)

// Options of a run. The zero value runs everything at once, in the order that seed 0
// gives.
type Options struct {
	Seed     int64    // seed for the order in which the items start
	Parallel int      // items at once; 0 for all
	Files    int      // open files that the items at once may take, see Item.Files; 0 for any number
	Timeouts Timeouts // the zero value means DefaultTimeouts
	Strict   bool     // a SHOULD that does not hold is a failure, not a warning
	// Started is called with each item as it begins, maybe with several at once; may be nil.
	Started func(Item)
	// Finished is called with each item as it ends, one at a time; may be nil.
	Finished func(Finished)
}

// Finished is an item with its result.
type Finished struct {
	Item   Item
	Result reports.Result
	Trace  []record.Entry // the whole transcript
	Done   int            // items that have ended so far, this one included
	// Assumed lists what the case relied on before it ended.
	Assumed []Assumption
	// Trouble names what this machine did not give the case, which makes it
	// inconclusive; "" for nothing. It is the same text for the same cause.
	Trouble string
	Opened  int // connections that the case opened, one after the other or at once
	Named   int // users that it had
}

// TargetLostError says that the target went away during a run.
type TargetLostError struct{ Err error }

func (e *TargetLostError) Error() string {
	return "the target went away during the run: " + e.Err.Error()
}

// Unwrap returns the error that showed it.
func (e *TargetLostError) Unwrap() error { return e.Err }

// InterruptedError says that a run was ended from outside before its cases were done.
type InterruptedError struct{ Err error }

func (e *InterruptedError) Error() string { return "interrupted" }

// Unwrap returns the cause of the interruption.
func (e *InterruptedError) Unwrap() error { return e.Err }

// run is the state that the items of one run share.
type run struct {
	world    World
	timeouts Timeouts
	strict   bool
	nonce    string // in every user ID, so that two runs do not meet
	started  time.Time
	lag      LagMonitor // lag of this process
	gate     startGate
	begins   func(Item) // is told of items that begin; never nil
	watch    *watchdog

	mu       sync.Mutex
	finished []Finished
}

// Run runs the items against the target of a world. It returns the results in the order
// of the items, and a *TargetLostError when the target went away, or an
// *InterruptedError when outer ended the run; every item has a result all the same. Only
// when the world cannot be started there is none.
func Run(outer context.Context, world World, items []Item, o Options) ([]Finished, error) {
	if o.Timeouts == (Timeouts{}) {
		o.Timeouts = DefaultTimeouts
	}
	if o.Started == nil {
		o.Started = func(Item) {}
	}
	ctx, cancel := context.WithCancelCause(context.WithoutCancel(outer))
	defer cancel(nil)
	// Whoever asks for the cause learns the same, whatever signal it was.
	defer context.AfterFunc(outer, func() { cancel(&InterruptedError{context.Cause(outer)}) })()
	r := &run{
		world: world, timeouts: o.Timeouts, strict: o.Strict, nonce: newNonce(), started: time.Now(),
		lag: LagMonitor{period: lagPeriod}, gate: newStartGate(), watch: newWatchdog(), begins: o.Started,
	}
	if err := machine.AgainAfterPause(ctx, func() error { return world.Start(ctx, r.nonce, o.Timeouts) }); err != nil {
		return nil, cmp.Or(context.Cause(ctx), err)
	}
	var background sync.WaitGroup
	background.Go(func() { r.lag.watch(ctx) })
	background.Go(func() { r.watch.watch(ctx, world, o.Timeouts.Probe, &r.lag, cancel) })

	r.runAll(ctx, items, o)
	if last := r.lastMiss(); !last.IsZero() {
		r.watch.confirm(ctx, last)
	}

	err := context.Cause(ctx)
	cancel(nil)
	background.Wait()
	world.Stop()
	for i := range r.finished {
		r.excuse(&r.finished[i]) // now all pauses are known
	}
	r.excuseAfterLoss(err)
	return r.finished, err
}

// newNonce returns a text that no other run against the same target has, whatever the
// seed.
func newNonce() string {
	var b [3]byte
	n := rand.Uint32()
	b[0], b[1], b[2] = byte(n), byte(n>>8), byte(n>>16)
	return hex.EncodeToString(b[:])
}

// runAll starts the items in an order that the seed gives, at most o.Parallel
// at once and with no more than o.Files open files, and waits for them.
func (r *run) runAll(ctx context.Context, items []Item, o Options) {
	r.finished = make([]Finished, len(items))
	slots := newSlots(items, o)
	var running sync.WaitGroup
	done := 0
	for _, i := range rand.New(rand.NewPCG(uint64(o.Seed), 0)).Perm(len(items)) {
		release := slots.acquire(items[i])
		running.Go(func() {
			defer release()
			f := r.runItem(ctx, items[i])
			r.mu.Lock()
			defer r.mu.Unlock()
			done++
			f.Done = done
			r.finished[i] = f
			if o.Finished != nil {
				o.Finished(f)
			}
		})
	}
	running.Wait()
}

// runItem runs one case on one transport.
func (r *run) runItem(ctx context.Context, item Item) Finished {
	loan, err := r.lend(ctx, item)
	a := newAttempt(ctx, r, item)
	a.Loan, a.lending = loan, err
	scene := r.world.NewScene(a)
	a.begun = r.gate.enter(item.Transport)
	defer a.begun()
	r.begins(item)

	e := r.attempt(a, scene)
	if a.Carried != "" && e.mayBeCarried() {
		e = r.playFresh(a, scene, e)
	}
	if (e.single || a.AnyLost) && e.verdict == reports.Fail {
		e = r.confirm(a, scene, e)
	}
	a.close(scene)
	if a.trouble != "" && (e.verdict == reports.Fail || e.verdict == reports.Error) {
		e = conclusion{verdict: reports.Inconclusive, reason: a.trouble}
	} else {
		a.trouble = ""
	}
	f := Finished{Item: item, Result: r.result(a, e), Trace: a.Transcript.Lines(), Assumed: a.assumed, Opened: a.Opened, Named: a.Named, Trouble: a.trouble}
	r.applyLevel(&f.Result, item.Level)
	r.excuse(&f)
	return f
}

// result returns the result of an attempt, before its level is applied.
func (r *run) result(a *Attempt, e conclusion) reports.Result {
	if e.verdict == reports.Inconclusive || e.verdict == reports.Error {
		markUnclear(a.measurements)
	}
	result := resultOf(a.Item)
	result.Verdict, result.Reason, result.Expected, result.Actual = e.verdict, e.reason, e.expected, e.actual
	result.StartedMs, result.DurationMs = milliseconds(a.Started.Sub(r.started)), milliseconds(time.Since(a.Started))
	result.Measurements = a.measurements
	if result.Verdict == reports.Pass {
		result.Reason = cmp.Or(a.found, e.reason)
	}
	return result
}

// markUnclear discards the answer to the last question of a case that ended without a
// verdict: it may have been the cause.
func markUnclear(measurements []reports.Measurement) {
	if n := len(measurements); n > 0 && measurements[n-1].Rule == reports.RuleBracket {
		measurements[n-1].Shows = reports.ShowsUnclear
	}
}

// applyLevel turns a failure into the verdict that the level of the case gives it. An
// INFO case reports what it found, whatever that was.
func (r *run) applyLevel(result *reports.Result, level reports.Level) {
	missed := result.Verdict == reports.Fail
	switch {
	case missed && level == reports.Should && !r.strict:
		result.Verdict = reports.Warn
	case missed && level == reports.Info:
		result.Verdict = reports.Pass
		result.Reason = fmt.Sprintf("looked for %s; found %s", result.Expected, result.Actual)
		result.Expected, result.Actual = "", ""
	case result.Verdict == reports.Inconclusive && level == reports.Info:
		result.Verdict = reports.Pass
	}
}

// attempt calls the case's function and returns how that ended.
func (r *run) attempt(a *Attempt, scene Scene) (e conclusion) {
	defer func() { a.passed = e.verdict == reports.Pass }()
	if cause := context.Cause(a.ctx); cause != nil {
		return notBegun(cause)
	}
	if a.lending != nil {
		return conclusion{verdict: reports.Error, reason: a.lending.Error()}
	}
	if reason := r.ownIDs(a.Item); reason != "" {
		return conclusion{verdict: reports.NotSupported, reason: reason}
	}
	for _, capability := range a.Item.Needs {
		if !r.world.Has(capability) {
			return conclusion{verdict: reports.NotSupported, reason: "the target does not have the capability " + capability}
		}
	}
	for _, capability := range a.Item.Unless {
		if r.world.Has(capability) {
			return conclusion{verdict: reports.NotSupported, reason: "it does not apply to a target with the capability " + capability}
		}
	}
	defer func() {
		switch caught := recover().(type) {
		case nil:
		case conclusion:
			e = caught
		default:
			e = conclusion{verdict: reports.Error, reason: fmt.Sprintf("the case itself is at fault: %v\n%s", caught, debug.Stack())}
		}
	}()
	a.Item.Run(scene)
	if a.Item.Level.CanFail() {
		scene.Settle()
	}
	return conclusion{verdict: reports.Pass}
}

// notBegun concludes a case that the run did not start: it is skipped when the user
// interrupted the run, an error when the target was gone.
func notBegun(cause error) conclusion {
	if _, interrupted := errors.AsType[*InterruptedError](cause); interrupted {
		return conclusion{verdict: reports.Skipped, reason: cause.Error()}
	}
	return conclusion{verdict: reports.Error, reason: cause.Error()}
}

// lastMiss returns when the last case that did not go well ended, or zero.
func (r *run) lastMiss() (last time.Time) {
	for _, f := range r.finished {
		switch f.Result.Verdict {
		case reports.Fail, reports.Warn, reports.Error:
			if ended := r.started.Add(duration(f.Result.StartedMs + f.Result.DurationMs)); ended.After(last) {
				last = ended
			}
		}
	}
	return last
}

// excuseAfterLoss turns failures after the last sign of life of a target that went away
// into errors: they show that it was gone, and nothing else.
func (r *run) excuseAfterLoss(cause error) {
	if !isTargetLost(cause) {
		return
	}
	alive := milliseconds(r.watch.lastAlive().Sub(r.started))
	for i := range r.finished {
		result := &r.finished[i].Result
		missed := result.Verdict == reports.Fail || result.Verdict == reports.Warn || result.Level == reports.Info && result.Reason != ""
		if missed && result.StartedMs+result.DurationMs >= alive {
			result.Verdict = reports.Error
			result.Reason = cause.Error()
		}
	}
}
