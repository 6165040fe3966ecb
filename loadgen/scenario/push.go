package scenario

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"imcheck/harness/target"
	"imcheck/loadgen/books"
	"imcheck/loadgen/host"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// Push has the server send messages to clients at the rate, through its control API.
type Push struct{ common }

// Name implements Scenario.
func (Push) Name() string { return "push" }

// Uses implements Scenario.
func (Push) Uses() []string { return []string{options.Rate, options.Payload, options.Stages} }

// Check implements Scenario.
func (Push) Check(_ *options.Options, t *target.Target) error {
	if t.Control == "" {
		return &options.Error{Option: options.Control, Reason: "the push scenario has the server send messages through its control API: name its address"}
	}
	if known := t.Info.Capabilities; len(known) > 0 && !t.Has(controlapi.CapabilityS2C) {
		return &options.Error{Option: options.Control, Reason: fmt.Sprintf("the control API of this server cannot push: it lists %s, and not %s", known.String(), controlapi.CapabilityS2C)}
	}
	return nil
}

// Pattern implements Scenario.
func (Push) Pattern(o *options.Options) plan.Pattern { return plan.Pushes(o.Rate) }

// Flows implements Scenario.
func (Push) Flows() []plan.Flow { return []plan.Flow{plan.FromServer} }

// Latencies implements Scenario.
func (Push) Latencies() []reports.LatencyKind {
	return []reports.LatencyKind{reports.KindS2CDelivery, reports.KindS2CCall}
}

// Feed implements Scenario.
func (Push) Feed(r *Run) Feed {
	return &pusher{
		run: r, control: target.NewControl(r.Target.Network, r.Target.Control),
		slots: make(chan struct{}, pushCalls), numbers: make([]uint32, r.Population),
	}
}

const (
	// pushCalls is the largest number of calls of the control API that are under way.
	pushCalls = 64
	// pushPatience bounds one call.
	pushPatience = 10 * time.Second
)

// pusher has the server send the messages of a push load, by its control API.
// The calls are made on goroutines of their own, as each waits for its answer;
// to the books of the worker whose client is sent to it writes only what any
// goroutine may write.
type pusher struct {
	run     *Run
	control *target.Control

	// Calls under way.
	slots chan struct{} // taken by a call
	calls sync.WaitGroup

	// Messages so far.
	numbers []uint32 // by client: of its next message that counts
	plain   uint32   // number of the next one that does not
	done    atomic.Bool
	refused atomic.Pointer[error]
}

// Run implements Feed. When ctx is done, calls under way end too.
func (p *pusher) Run(ctx context.Context) {
	defer p.control.Close()
	defer p.calls.Wait()
	defer p.done.Store(true)
	schedule := &p.run.Schedule
	_, end := schedule.Steady()
	alarm := host.NewAlarm(p.run.Target.Network)
	defer alarm.Stop()
	for n, total := uint64(0), schedule.DueBefore(end); n < total; n++ {
		if !p.wait(ctx, alarm, schedule.Due(n)) || !p.push(ctx, n) {
			return
		}
	}
}

// Busy implements Feed.
func (p *pusher) Busy() bool { return !p.done.Load() }

// Sent implements Feed.
func (p *pusher) Sent(client plan.Client) uint32 { return p.numbers[client] }

// Refused implements Feed.
func (p *pusher) Refused() error {
	if err := p.refused.Load(); err != nil {
		return *err
	}
	return nil
}

// wait waits for a time; false when the run is over before.
func (p *pusher) wait(ctx context.Context, alarm host.Alarm, due time.Duration) bool {
	for now := p.run.Now(); now < due; now = p.run.Now() {
		alarm.Set(due - now)
		select {
		case <-alarm.Rings():
		case <-p.run.Cut:
			return false
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// push makes call n as soon as one of the slots is free; false when ctx is done.
// Of a client of another process it is that one's call.
func (p *pusher) push(ctx context.Context, n uint64) bool {
	client, due := p.run.Schedule.Turn(n), p.run.Schedule.Due(n)
	account := p.run.Books(client)
	if account == nil {
		return true
	}
	counts := p.run.Schedule.Counts(due)
	tooLate := time.NewTimer(due + plan.DropAfter - p.run.Now())
	defer tooLate.Stop()
	select {
	case p.slots <- struct{}{}:
	case <-tooLate.C:
		account.Fail(books.TooLate, counts)
		p.stage(account, due).Miss(books.TooLate)
		return true
	case <-ctx.Done():
		return false
	}
	m := p.message(client, due, counts)
	if counts {
		late := p.run.Now() - due
		account.Latencies.RecordLateness(late)
		p.stage(account, due).RecordLateness(late)
	}
	p.calls.Go(func() {
		p.call(ctx, account, client, due, m)
		<-p.slots
	})
	return true
}

// stage returns the books of the stage in which a message was due.
func (p *pusher) stage(account *books.Worker, due time.Duration) *books.Stage {
	return account.Stages.At(&p.run.Schedule, due)
}

// message is the next one for a client; it is stamped with the time of the call.
func (p *pusher) message(client plan.Client, due time.Duration, counts bool) wire.Message {
	id := plan.MessageID{Client: client, Stream: plan.Uncounted, To: plan.ServerPlace, Number: p.plain}
	if counts {
		id.Stream, id.Number = plan.CountedS2C, p.numbers[client]
		p.numbers[client]++
	} else {
		p.plain++
	}
	content := plan.AppendContent(nil, due, p.run.Now(), p.run.Options.Payload)
	fingerprint := p.run.Nonce.AppendFingerprint(nil, id)
	return wire.NewQoSData(wire.ServerID, p.run.Users(client), string(content), string(fingerprint))
}

// call has the server send one message, and counts what the API says. The
// message counts as sent before: it may arrive before the answer.
func (p *pusher) call(ctx context.Context, account *books.Worker, client plan.Client, due time.Duration, m wire.Message) {
	counts, messages := p.run.Schedule.Counts(due), &account.Messages[plan.FromServer]
	stage, began := p.stage(account, due), p.run.Now()
	account.Activity.Sent.Add(1)
	if counts {
		messages.Sent.Add(1)
		stage.Message(plan.FromServer, books.FateSent)
		account.Outage.Add(plan.FromServer, began, books.OutageSent, 1)
	}
	ctx, cancel := context.WithTimeout(ctx, pushPatience)
	defer cancel()
	_, err := p.control.Push(ctx, m)
	now := p.run.Now()
	switch {
	case errors.Is(err, target.ErrNotOnline):
		if counts {
			messages.Sent.Add(-1)
			stage.Unsend(plan.FromServer)
			account.Outage.Add(plan.FromServer, began, books.OutageSent, -1)
			account.Outage.Fail(books.NotOnline, due)
		}
		account.Fail(books.NotOnline, counts)
		stage.Miss(books.NotOnline)
	case err != nil:
		account.Activity.Fail(books.MessageLost)
		if counts {
			messages.Lost.Add(1)
			stage.Message(plan.FromServer, books.FateLost)
			account.Outage.Add(plan.FromServer, began, books.OutageLost, 1)
			p.refused.CompareAndSwap(nil, &err)
		}
	case counts:
		messages.Acknowledged.Add(1)
		stage.Message(plan.FromServer, books.FateAcknowledged)
		account.Outage.Add(plan.FromServer, began, books.OutageAcknowledged, 1)
		stage.Record(books.S2CCall, now-due)
		account.Latencies.Record(books.S2CCall, p.run.Transport(client), now-due, now-began)
	}
}
