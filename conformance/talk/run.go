package talk

import (
	"context"
	"crypto/rand"
	"fmt"
	"math"
	"net"
	"time"

	"imcheck/harness/driver"
	"imcheck/harness/machine"
	"imcheck/harness/relay"
	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/harness/transport/impair"
	"imcheck/protocol/driverapi"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// Options of a talk.
type Options struct {
	Launchers []driver.Launcher // one for each client, at least two
	Transport wire.Transport
	Mode      timing.SenseMode
	Rate      float64        // messages a second of each client
	Duration  time.Duration  // of sending; each message is waited for afterwards
	Progress  func(Progress) // called about once a second; nil for nobody

	// The way to the server.
	Network transport.Network // of the relay
	Server  string            // host:port
	Control *target.Control   // tells what the server's application is told; nil for none
	Policy  impair.Policy     // of the relay
	Plan    []relay.Timed     // actions of the relay, from the first message on
	Log     func(relay.Entry) // nil for nobody
}

// lossless reports whether what the server sends has to arrive, and soon: on a stream that
// nothing is done to but to delay it a little.
func (o *Options) lossless() bool {
	return o.Transport.Connected() && len(o.Plan) == 0 && impair.New(o.Policy).Delay(o.Transport) < time.Second
}

// count returns the number of messages of all clients.
func (o *Options) count() int {
	return int(math.Round(o.Rate * o.Duration.Seconds() * float64(len(o.Launchers))))
}

// Progress is the state of a talk.
type Progress struct {
	Elapsed time.Duration
	Open    int // messages whose fate is not known yet
	Sum     reports.TalkLedger
}

// Outcome has the results of a talk.
type Outcome struct {
	Clients []reports.TalkClient
	Ledger  *Ledger
	Counts  []impair.Count // of the relay
	Events  bool           // the server told what its application was told, to the end
	Notes   []string
}

// anyPort is where the relay listens.
const anyPort = "127.0.0.1:0"

// Times of a talk.
const (
	// loginTime is the time after which a login is told again: any message may be lost.
	loginTime = 10 * time.Second
	// loginTries bounds the logins that a client is told to make before the talk.
	loginTries = 6
	// beforeTalk is the time between the last login and the first message: a user is not
	// online yet for a moment after the login response (§7 Order).
	beforeTalk = time.Second
	// leastSettling lets copies come that a client might show again. A server sends one up
	// to 7 s after the first (§4 Server retransmission).
	leastSettling = 8 * time.Second
	// mostSettling bounds the wait for the fates of messages. A client gives a message up
	// 18 s after it was sent at the latest, and a server what it was sent last 12 s later.
	mostSettling = 45 * time.Second
)

// DriverError reports a client that failed the driver contract, or did not log in.
type DriverError struct {
	Client int // from 1 on
	Err    error
}

func (e *DriverError) Error() string { return fmt.Sprintf("client %d: %v", e.Client, e.Err) }

// Unwrap returns the cause.
func (e *DriverError) Unwrap() error { return e.Err }

// Run lets the clients talk. The error is a *driver.LaunchError or a *DriverError, or says
// that ctx ended before the talk; the outcome then has what there was until then. When ctx
// ends during the talk, no more messages are sent, and the fates of the others are waited
// for.
func Run(ctx context.Context, o Options) (Outcome, error) {
	r := &run{
		options: o, name: rand.Text()[:8], done: make(chan struct{}),
		events: make(chan occurrence, 64), told: make(chan target.Event, 64), reached: make(chan string, 64),
	}
	r.relay = relay.New(relay.Config{Network: o.Network, Policy: o.Policy, Log: o.Log, Delivered: r.delivered})
	defer r.relay.Close()
	defer r.end() // before that: the relay may be waiting for who reads what it delivers
	for i := range o.Launchers {
		r.users = append(r.users, fmt.Sprintf("talk-%s-%d", r.name, i+1))
	}
	r.ledger = NewLedger(time.Now(), r.users, o.lossless())
	r.clients = make([]reports.TalkClient, len(r.users))
	for i, user := range r.users {
		r.clients[i].User = user
	}
	var err error
	if r.address, err = r.relay.Listen(o.Transport, anyPort, o.Server); err != nil {
		return r.outcome(), err
	}
	err = r.launch(ctx)
	if err == nil {
		r.follow(ctx)
		err = r.logIn(ctx)
	}
	if err == nil {
		err = r.talk(ctx)
	}
	return r.outcome(), err
}

// run is a talk that goes on.
type run struct {
	options Options
	name    string // is in the names of all users and messages
	users   []string
	drivers []*driver.Driver
	clients []reports.TalkClient
	ledger  *Ledger
	relay   *relay.Relay
	address net.Addr // of the relay
	events  chan occurrence
	told    chan target.Event
	reached chan string    // fingerprints of datagrams that were handed to clients
	follows *target.Events // nil without a control API
	unmade  func()         // ends following
	done    chan struct{}  // closed by end
	online  []bool         // logged in before the talk
}

// end stops the clients, side by side.
func (r *run) end() {
	close(r.done)
	if r.unmade != nil {
		r.unmade()
	}
	stopped := make(chan struct{})
	for _, d := range r.drivers {
		go func() { d.Stop(); stopped <- struct{}{} }()
	}
	for range r.drivers {
		<-stopped
	}
}

// await takes events until a time, or until enough reports true; ctx ends it too.
func (r *run) await(ctx context.Context, until time.Time, enough func() bool) error {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	for !enough() {
		select {
		case o := <-r.events:
			if err := r.take(o); err != nil {
				return err
			}
		case e := <-r.told:
			r.hear(e)
		case fingerprint := <-r.reached:
			r.ledger.Told(time.Now(), fingerprint, ToldReached)
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return nil
}

func never() bool { return false }

// talk has messages sent, and waits for their fates.
func (r *run) talk(ctx context.Context) error {
	began := time.Now().Add(beforeTalk)
	planned, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		if machine.Sleep(planned, beforeTalk) {
			r.relay.Run(planned, r.options.Plan)
		}
	}()
	gap := float64(time.Second) / r.options.Rate / float64(len(r.users))
	shown := began
	for k := range r.options.count() {
		due := began.Add(time.Duration(float64(k) * gap))
		if err := r.await(ctx, due, never); ctx.Err() != nil {
			break // what is under way is still waited for
		} else if err != nil {
			return err
		}
		if err := r.send(k); err != nil {
			return err
		}
		if now := time.Now(); now.Sub(shown) >= time.Second {
			shown = now
			r.progress(now.Sub(began))
		}
	}
	return r.settle(context.WithoutCancel(ctx), began)
}

// settle waits for the fates of all messages.
func (r *run) settle(ctx context.Context, began time.Time) error {
	sent := time.Now()
	for {
		now := time.Now()
		waited := now.Sub(sent)
		if waited >= mostSettling || waited >= leastSettling && r.ledger.Open() == 0 {
			return nil
		}
		if err := r.await(ctx, now.Add(time.Second), never); err != nil {
			return err
		}
		r.progress(time.Since(began))
	}
}

func (r *run) progress(elapsed time.Duration) {
	if r.options.Progress != nil {
		r.options.Progress(Progress{Elapsed: elapsed, Open: r.ledger.Open(), Sum: Sum(r.ledger.Ways())})
	}
}

// send has the next client send a message to each other client in turn.
func (r *run) send(k int) error {
	n := len(r.users)
	from, number := k%n, k/n
	to := (from + 1 + number%(n-1)) % n
	fingerprint := fmt.Sprintf("%s-%d-%d", r.name, from+1, number+1)
	content := fmt.Sprintf("message %d of client %d to client %d of talk %s", number+1, from+1, to+1, r.name)
	r.ledger.Send(time.Now(), from, to, fingerprint, content)
	send := driverapi.Send{To: r.users[to], DataContent: content, QoS: true, Fingerprint: wire.Some(fingerprint), UserType: -1}
	if err := r.drivers[from].Do(driverapi.Command{Do: driverapi.ActionSend, Send: send}); err != nil {
		return &DriverError{from + 1, err}
	}
	return nil
}

// outcome collects the results so far.
func (r *run) outcome() Outcome {
	o := Outcome{Clients: r.clients, Ledger: r.ledger, Counts: r.relay.Counts()}
	if r.follows != nil {
		if err := r.follows.Err(); err != nil {
			o.Notes = append(o.Notes, "the server's events are not complete: "+err.Error())
		}
		o.Events = r.follows.Err() == nil && r.follows.HasHead()
	}
	return o
}
