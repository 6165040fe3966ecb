package scenario

import (
	"fmt"
	"time"

	"imcheck/harness/target"
	"imcheck/loadgen/books"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// FanOut has clients send a message to all others of a large group at once, as many a
// second as the rate says, and measures until when the last of them has it. The protocol
// knows no groups: it is one message to each.
type FanOut struct{ common }

// Name implements Scenario.
func (FanOut) Name() string { return "fanout" }

// Uses implements Scenario.
func (FanOut) Uses() []string {
	return []string{options.Rate, options.Payload, options.InFlight, options.FanOutGroup, options.Stages}
}

// Adjust implements Scenario.
func (FanOut) Adjust(o *options.Options) { o.Rate = 1 } // each to 99 others

// Check implements Scenario.
func (FanOut) Check(o *options.Options, _ *target.Target) error {
	if o.Clients < o.FanOut {
		return options.Refuse(options.FanOutGroup, "%d clients are too few for a group of %d: use more clients or a smaller group", o.Clients, o.FanOut)
	}
	for i, s := range o.Stages {
		if s.Clients != 0 {
			return options.Refuse(fmt.Sprintf("%s.%d.clients", options.Stages, i), "the groups of a fan-out keep their members: leave it out")
		}
	}
	return nil
}

// Pattern implements Scenario.
func (FanOut) Pattern(o *options.Options) plan.Pattern { return plan.FanOuts(o.Rate, o.FanOut) }

// Flows implements Scenario.
func (FanOut) Flows() []plan.Flow { return []plan.Flow{plan.ToClient} }

// Latencies implements Scenario.
func (FanOut) Latencies() []reports.LatencyKind {
	return []reports.LatencyKind{reports.KindC2CAck, reports.KindC2CDelivery, reports.KindFanOut}
}

// Together implements Scenario.
func (FanOut) Together() bool { return true }

// Behave implements Scenario.
func (FanOut) Behave(w Worker) Behaviour { return &fanOut{worker: w, run: w.Run()} }

// Report implements Scenario.
func (FanOut) Report(r *Run, _ []Behaviour, into *reports.Load) {
	from, to := r.Schedule.Steady()
	into.FanOut = &reports.FanOut{Group: r.Options.FanOut, Messages: r.Schedule.TurnsBetween(from, to), Complete: r.Groups.Complete()}
}

// fanOut notes which messages to groups have arrived at all members.
type fanOut struct {
	Passive
	worker Worker
	run    *Run
}

// Delivered implements Behaviour.
func (f *fanOut) Delivered(slot plan.Slot, now time.Duration, m wire.Message) {
	due, sent, ok := plan.ParseContent(m.DataContent.Value())
	if !ok || !f.run.Schedule.Counts(due) {
		return
	}
	id, ok := f.run.Nonce.ParseFingerprint(m.Fingerprint.Value())
	if !ok || id.Stream != plan.CountedC2C || int(id.Client) >= f.run.Population {
		return
	}
	others := f.run.Schedule.GroupSize(id.Client) - 1
	last, all := f.run.Groups.Arrived(books.GroupMessage{Sender: id.Client, Due: due}, others, books.Arrival{Sent: sent, At: now})
	if !all || f.run.Met(due, last.At) {
		return
	}
	own := f.worker.Books()
	own.Latencies.Record(books.FanOut, f.worker.Client(slot).Transport, last.At-due, last.At-last.Sent)
	own.Stages.At(&f.run.Schedule, due).Record(books.FanOut, last.At-due)
}
