package suite

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/onsi/gomega"

	"imcheck/harness/machine"
	"imcheck/harness/transport/record"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// Attempt is one execution of a case on one transport: its time, its transcript, what it
// measured, and the ways to end it. A Scene embeds it. It is used from the case's
// goroutine only.
type Attempt struct {
	Item       Item
	Transport  wire.Transport
	Transcript *record.Transcript
	Started    time.Time
	Opened     int // connections, which the Scene counts
	Named      int // users, which the Scene counts
	Number     int // of the attempt at the case, from 1 on
	// Loan has the users of the attempt; nil where the target lets in any.
	Loan Loan

	// What the World knows about its target.
	Tolerance time.Duration // granted on both sides of every measured time
	PathDelay time.Duration // the most that an impaired path adds to a round trip
	// AnyLost is set when a datagram that an impaired path lost can explain whatever the
	// case misses: then it gets further attempts, of which one that goes well counts.
	AnyLost  bool
	Slowness *LagMonitor // lag of the target's answers, silence included; nil when it is not known
	Answered *LagMonitor // lag of the answers that came; nil when it is not known
	// Carried says what of earlier attempts may be left in the target, such as "a process
	// that has played 3 cases before"; "" when there can be nothing. Unless the attempt
	// goes well the case is run again, Fresh.
	Carried string
	// Fresh is set when the target is to have nothing left of earlier attempts.
	Fresh bool

	// Engine.
	run         *run
	parent, ctx context.Context // the run's context, and one bounded to the time of the case
	cancel      context.CancelFunc
	begun       func() // lets another case begin
	lending     error  // reason that there is no Loan
	gomega      gomega.Gomega

	// Results.
	passed       bool
	trouble      string // resources that this machine did not give
	measurements []reports.Measurement
	found        string // by an INFO case
	assumed      []Assumption
	names        int // users and fingerprints given out
}

func newAttempt(ctx context.Context, r *run, item Item) *Attempt {
	a := &Attempt{Item: item, Transport: item.Transport, Number: 1, run: r, parent: ctx, Started: time.Now()}
	most := r.timeouts.Case + item.LongWait
	a.ctx, a.cancel = context.WithTimeoutCause(ctx, most, fmt.Errorf("the case took longer than %v", most))
	a.Transcript = record.New(a.Started, record.Limits{})
	a.gomega = gomega.NewGomega(func(message string, _ ...int) { Fail(item.Requirement, oneLine(message)) })
	return a
}

// again returns another attempt of the same case. The transcript goes on; the users are
// new ones, or borrowed anew.
func (a *Attempt) again() *Attempt {
	loan, err := a.run.lend(a.parent, a.Item)
	second := newAttempt(a.parent, a.run, a.Item)
	second.Loan, second.lending = loan, err
	second.Transcript, second.names, second.Number, second.begun = a.Transcript, a.names, a.Number+1, a.begun
	second.Started = a.Started
	return second
}

// close ends the attempt and what its scene has open.
func (a *Attempt) close(s Scene) {
	a.cancel()
	s.Close()
	if a.Loan != nil {
		a.Loan.Return()
	}
}

// Passed reports whether the attempt ended without any fault, which is known when its
// scene is closed.
func (a *Attempt) Passed() bool { return a.passed }

// Context ends with the time of the case, or with the run.
func (a *Attempt) Context() context.Context { return a.ctx }

// Expect makes an assertion; one that does not hold fails the case.
func (a *Attempt) Expect(actual any, extra ...any) gomega.Assertion {
	return a.gomega.Expect(actual, extra...)
}

// Assume notes that the case relies on something.
func (a *Attempt) Assume(assumption Assumption) {
	if !slices.Contains(a.assumed, assumption) {
		a.assumed = append(a.assumed, assumption)
	}
}

// Note keeps what this machine did not give, when err is about that: then the case does
// not fail.
func (a *Attempt) Note(err error) { a.trouble = cmp.Or(a.trouble, machine.LocalCause(err)) }

// Remark writes a line into the transcript.
func (a *Attempt) Remark(format string, args ...any) {
	a.Transcript.Remark("case", fmt.Sprintf(format, args...))
}

// Found reports the finding of an INFO case, in one sentence.
func (a *Attempt) Found(format string, args ...any) { a.found = fmt.Sprintf(format, args...) }

// Unique returns a name that nobody else has. It carries the case's ID, so that a
// target's log can be matched; prefix comes first.
func (a *Attempt) Unique(prefix string) string {
	a.names++
	return fmt.Sprintf("%s-%s-%s-%s-%d", prefix, strings.ReplaceAll(a.Item.ID, "/", "."), a.Transport, a.run.nonce, a.names)
}

// Lag returns the monitor of how late this process is.
func (a *Attempt) Lag() *LagMonitor { return &a.run.lag }

// Begun says that the case has had an answer, or asks nothing of the target for a while:
// another case may begin.
func (a *Attempt) Begun() { a.begun() }

// WaitUntil lets time pass up to a moment.
func (a *Attempt) WaitUntil(at time.Time) {
	a.Begun()
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-a.ctx.Done():
		a.CheckAlive()
	}
}

// CheckAlive ends the case when the run has been given up, for instance because the
// target is gone.
func (a *Attempt) CheckAlive() {
	if a.ctx.Err() != nil {
		Broken(context.Cause(a.ctx))
	}
}

// Overdue ends the case because nothing came in time; it is inconclusive when this
// process, or an answer of the target to something else, was late for a good part of that
// time. A target that answers nothing at all is silent, not slow. single says that a single datagram which the path lost could explain it; instead
// is what came, to be added to the text.
func (a *Attempt) Overdue(started time.Time, expected string, single bool, instead ...string) {
	now := time.Now()
	waited := now.Sub(started)
	nothing := fmt.Sprintf("nothing within %v", waited.Round(time.Millisecond)) + strings.Join(instead, "")
	if lag := a.Lag().Between(started, now); lag > waited/2 {
		Inconclusive(fmt.Sprintf("%s, but the harness itself was up to %v late", nothing, lag.Round(time.Millisecond)))
	}
	if slow := a.Answered.Between(started, now); slow > waited/2 {
		Inconclusive(fmt.Sprintf("%s, but the target took up to %v to answer anything meanwhile", nothing, slow.Round(time.Millisecond)))
	}
	FailOn(single, expected, nothing)
}
