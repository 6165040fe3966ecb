package scenario

import (
	"context"
	"time"

	"imcheck/harness/target"
	"imcheck/loadgen/books"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// Run describes the part of a run that one process does.
type Run struct {
	Options    *options.Options
	Schedule   plan.Schedule
	Nonce      plan.Nonce
	Population int                      // clients of the whole run, of all its parts and stages
	Users      func(plan.Client) string // ID of any of them
	Target     *target.Target
	Transports []wire.Transport

	Start time.Time       // from which the times of the run count
	Cut   <-chan struct{} // closed when nothing new is to begin
	// Books returns the books of the worker that has a client; nil when another process
	// has it.
	Books func(plan.Client) *books.Worker
	// Outage is when the network is away by our own doing.
	Outage plan.Outage
	// Ends counts the sessions of clients that left without a word and that the server says have
	// ended.
	Ends *books.ServerEnds
	// Groups are the messages to groups that are under way, of all workers.
	Groups *books.Groups
}

// Now returns the time since the start of the run.
func (r *Run) Now() time.Duration { return time.Since(r.Start) }

// Met reports whether an outage of our own may have delayed what was due at a time and comes now.
func (r *Run) Met(due, now time.Duration) bool {
	return r.Outage.Any() && due < r.Outage.To+reports.AwayAftermath && now >= r.Outage.From
}

// Transport returns the transport of a client.
func (r *Run) Transport(client plan.Client) wire.Transport {
	return plan.TransportOf(client, r.Transports)
}

// Worker drives the clients of a behaviour, which names them by their slots.
type Worker interface {
	// Run returns the run that the worker is a part of.
	Run() *Run
	// Books returns the books of the worker.
	Books() *books.Worker
	// Clients returns how many clients the worker has.
	Clients() int
	// Slot returns the slot of a client; ok is false when another worker has it.
	Slot(plan.Client) (slot plan.Slot, ok bool)
	// Client describes the client at a slot.
	Client(plan.Slot) Client
	// Login has a client that is logged out log in anew.
	Login(slot plan.Slot, now time.Duration)
	// Logout has a client that is online log out. It does not count as a loss.
	Logout(slot plan.Slot, now time.Duration)
	// Disconnect takes the connection from a client that is online, which does not count
	// as a loss. What the client does then is up to its rules.
	Disconnect(slot plan.Slot, now time.Duration)
	// KeptOut reports whether the run's own impairment of the path keeps a client from logging
	// in.
	KeptOut(slot plan.Slot, now time.Duration) bool
	// Affected reports whether that impairment may account for an answer that has not come
	// since a client sent a message.
	Affected(slot plan.Slot, sent, now time.Duration) bool
	// Abandon has a client that is online leave its connection without a word, which does not
	// count as a loss, and log in over a new one: asNew without the first login time that it
	// had. Of what arrives on the old one remains hears; nothing is sent on it any more.
	Abandon(slot plan.Slot, now time.Duration, asNew bool, remains Remains)
	// Send has a client that is online send a message.
	Send(slot plan.Slot, now time.Duration, m wire.Message)
}

// Remains hears of what the target does on a connection that was abandoned.
type Remains interface {
	// Arrived handles a message.
	Arrived(now time.Duration, m wire.Message)
	// Ended handles the end, after which nothing is heard.
	Ended(now time.Duration)
}

// Client describes a client to a behaviour.
type Client struct {
	User      string
	Transport wire.Transport
	Node      books.NodeID
	Online    bool
}

// Login is a login that succeeded.
type Login struct {
	Slot      plan.Slot
	Transport wire.Transport
	First     bool          // of this client
	Now       time.Duration // time of the login
	DialBegan time.Duration // time at which the dial of its connection began
}

// Behaviour drives a scenario on one worker, which besides logs its clients in, keeps
// their heartbeat and sends the messages of the schedule. Its methods are called on the
// worker's goroutine, Busy aside.
type Behaviour interface {
	// Step does what is due.
	Step(now time.Duration)
	// Next returns the time at which something is due again; ok is false when nothing is.
	Next() (due time.Duration, ok bool)
	// LoggedIn handles a login.
	LoggedIn(l Login)
	// Heard handles a message that a client was sent, and reports whether the behaviour
	// had asked for it.
	Heard(slot plan.Slot, now time.Duration, m wire.Message) (asked bool)
	// Delivered handles the first copy of a message that arrived at a client.
	Delivered(slot plan.Slot, now time.Duration, m wire.Message)
	// Busy reports whether something that counts is under way. Any goroutine may ask.
	Busy() bool
	// Stop lets it begin nothing that is due from a time on.
	Stop(at time.Duration)
	// End closes the books.
	End()
}

// Passive is the behaviour of scenarios in which the workers do nothing more.
type Passive struct{}

// Step implements Behaviour.
func (Passive) Step(time.Duration) {}

// Next implements Behaviour.
func (Passive) Next() (due time.Duration, ok bool) { return 0, false }

// LoggedIn implements Behaviour.
func (Passive) LoggedIn(Login) {}

// Heard implements Behaviour.
func (Passive) Heard(plan.Slot, time.Duration, wire.Message) (asked bool) { return false }

// Delivered implements Behaviour.
func (Passive) Delivered(plan.Slot, time.Duration, wire.Message) {}

// Busy implements Behaviour.
func (Passive) Busy() bool { return false }

// Stop implements Behaviour.
func (Passive) Stop(time.Duration) {}

// End implements Behaviour.
func (Passive) End() {}

// Feed has the target send messages to clients, on goroutines of its own beside the
// workers.
type Feed interface {
	// Run asks for what is due until all is sent, the run is cut short or ctx is done.
	Run(ctx context.Context)
	// Busy reports whether something is still to be sent. Any goroutine may ask.
	Busy() bool
	// Sent returns how many messages that count were asked for to a client, when Run has
	// returned.
	Sent(plan.Client) uint32
	// Refused returns the first error for which the target did not send a message; nil
	// for none.
	Refused() error
}

const (
	// batch is the number of items that a behaviour handles in a step, so that the
	// worker looks after its other work in between.
	batch = 32
	// none is the time of what is not under way.
	none = -1
)
