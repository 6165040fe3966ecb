package swarm

import (
	"context"
	"errors"
	"sync"
	"time"

	"imcheck/harness/target"
	"imcheck/loadgen/books"
	"imcheck/loadgen/host"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
)

const (
	// pushCalls is the largest number of calls of the control API that are under way.
	pushCalls = 64
	// pushPatience bounds one call.
	pushPatience = 10 * time.Second
)

// pusher has the server send the messages of a push load, by its control API.
// The calls are made on goroutines of their own, as each waits for its answer;
// of the books of the worker whose client is sent to it writes only what any
// goroutine may write.
type pusher struct {
	swarm   *swarm
	control *target.Control
	slots   chan struct{} // taken by a call
	calls   sync.WaitGroup
	numbers []uint32 // by client: of its next message that counts
	plain   uint32   // number of the next one that does not
}

func newPusher(s *swarm) *pusher {
	return &pusher{
		swarm: s, control: target.NewControl(s.config.Target.Network, s.config.Target.Control),
		slots: make(chan struct{}, pushCalls), numbers: make([]uint32, s.config.Clients),
	}
}

// run makes the calls of the schedule until they are all made, the swarm is cut
// short or ctx is done, with which calls under way end too.
func (p *pusher) run(ctx context.Context) {
	defer p.control.Close()
	defer p.calls.Wait()
	defer p.swarm.pushed.Store(true)
	schedule := &p.swarm.schedule
	_, end := schedule.Steady()
	alarm := host.NewAlarm(p.swarm.config.Target.Network)
	defer alarm.Stop()
	for n, total := uint64(0), schedule.DueBefore(end); n < total; n++ {
		if !p.wait(ctx, alarm, schedule.Due(n)) || !p.push(ctx, n) {
			return
		}
	}
}

// wait waits for a time; false when the run is over before.
func (p *pusher) wait(ctx context.Context, alarm host.Alarm, due time.Duration) bool {
	for now := p.now(); now < due; now = p.now() {
		alarm.Set(due - now)
		select {
		case <-alarm.Rings():
		case <-p.swarm.cut:
			return false
		case <-ctx.Done():
			return false
		}
	}
	return true
}

func (p *pusher) now() time.Duration { return time.Since(p.swarm.start) }

// push makes call n as soon as one of the slots is free; false when ctx is done.
// Of a client of another process it is that one's call.
func (p *pusher) push(ctx context.Context, n uint64) bool {
	client, due := p.swarm.schedule.Turn(n), p.swarm.schedule.Due(n)
	w := p.swarm.workerOf(client)
	if w == nil {
		return true
	}
	counts := p.swarm.schedule.Counts(due)
	tooLate := time.NewTimer(due + plan.DropAfter - p.now())
	defer tooLate.Stop()
	select {
	case p.slots <- struct{}{}:
	case <-tooLate.C:
		w.books.Fail(books.TooLate, counts)
		return true
	case <-ctx.Done():
		return false
	}
	m := p.message(client, due, counts)
	if counts {
		w.books.Latencies.RecordLateness(p.now() - due)
	}
	p.calls.Go(func() {
		p.call(ctx, w, client, due, counts, m)
		<-p.slots
	})
	return true
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
	content := plan.AppendContent(nil, due, p.now(), p.swarm.config.Payload)
	fingerprint := p.swarm.nonce.AppendFingerprint(nil, id)
	return wire.NewQoSData(wire.ServerID, p.swarm.nonce.User(client), string(content), string(fingerprint))
}

// call has the server send one message, and counts what the API says. The
// message counts as sent before: it may arrive before the answer.
func (p *pusher) call(ctx context.Context, w *worker, client plan.Client, due time.Duration, counts bool, m wire.Message) {
	account := &w.books.Messages[plan.FromServer]
	w.books.Activity.Sent.Add(1)
	if counts {
		account.Sent.Add(1)
	}
	ctx, cancel := context.WithTimeout(ctx, pushPatience)
	defer cancel()
	began := p.now()
	_, err := p.control.Push(ctx, m)
	now := p.now()
	switch {
	case errors.Is(err, target.ErrNotOnline):
		if counts {
			account.Sent.Add(-1)
		}
		w.books.Fail(books.NotOnline, counts)
	case err != nil:
		w.books.Activity.Errors.Add(1)
		if counts {
			account.Lost.Add(1)
			p.swarm.refusedPush(err)
		}
	case counts:
		account.Acknowledged.Add(1)
		w.books.Latencies.Record(books.S2CCall, p.swarm.config.transport(client), now-due, now-began)
	}
}

// refusedPush remembers the first reason for which a push was refused.
func (s *swarm) refusedPush(err error) { s.pushTrouble.CompareAndSwap(nil, &err) }
