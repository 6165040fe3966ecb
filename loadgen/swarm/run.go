package swarm

import (
	"sync/atomic"
	"time"

	"imcheck/harness/accounts"
	"imcheck/harness/machine"
	"imcheck/harness/transport/impair"
	"imcheck/loadgen/books"
	"imcheck/loadgen/plan"
	"imcheck/loadgen/scenario"
	"imcheck/protocol/client"
	"imcheck/protocol/wire"
)

// run describes a run to its workers, and has what they share.
type run struct {
	scenario.Run

	// What is to be done.
	config     Config
	scenario   scenario.Scenario
	share      plan.Share
	deal       plan.Workers
	accounts   []accounts.Account                  // of this process's clients; nil when the target lets any user in
	clients    [len(wire.Transports)]client.Config // settings that the clients of a transport have in common
	maxUnacked int                                 // messages of a worker that may wait for their ACK
	gather     time.Duration                       // how long what is due may wait for more

	course

	// What is noted of all workers together.
	online books.Online
	pauses machine.Pauses // pauses of this process, while the run lasts
	resent resent

	// Of an impaired path; nil without one.
	path  *impair.Path
	fates *books.Fates
}

// course makes the workers of a run come to their end.
type course struct {
	interrupt   <-chan struct{} // closed when everything is to end soon
	cut         chan struct{}   // closed when nothing new is to begin
	cutTime     atomic.Int64    // time of the cut; set before
	interrupted bool            // set before the workers begin to finish
}

// cutShort ends the sending part of a run before its time.
func (c *course) cutShort(at time.Duration) {
	c.cutTime.Store(int64(at))
	close(c.cut)
}

// cutAt returns when the run was cut short, 0 when it was not.
func (c *course) cutAt() time.Duration { return time.Duration(c.cutTime.Load()) }

// slotOf returns the place of a client of this process among those of its worker.
func (r *run) slotOf(client plan.Client) plan.Slot { return r.deal.Slot(r.share.Own(client)) }

// stamps reads when a message was due and sent; ok is false for one that is
// not of this run.
func (r *run) stamps(m wire.Message) (due, sent time.Duration, ok bool) {
	if !r.Nonce.Owns(m.Fingerprint.Value()) {
		return 0, 0, false
	}
	return plan.ParseContent(m.DataContent.Value())
}

// counts reports whether a message is of the part of the run that counts.
func (r *run) counts(m wire.Message) bool {
	due, _, ok := r.stamps(m)
	return ok && r.Schedule.Counts(due)
}

// expiry returns the silence after which the target expires a session.
func (r *run) expiry(t wire.Transport) time.Duration { return r.Target.Modes[t].Expiry(t) }
