package scenario

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/loadgen/books"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
)

// fakeWorker has every client of a run, and notes what it is asked for.
type fakeWorker struct {
	run    Run
	books  *books.Worker
	online []bool
	asked  []string
	texts  []string // contents of the messages that were sent
	left   map[plan.Slot]Remains
}

func (w *fakeWorker) Run() *Run            { return &w.run }
func (w *fakeWorker) Books() *books.Worker { return w.books }
func (w *fakeWorker) Clients() int         { return len(w.online) }

func (w *fakeWorker) Slot(client plan.Client) (slot plan.Slot, ok bool) {
	return plan.Slot(client), true
}

func (w *fakeWorker) Client(slot plan.Slot) Client {
	return Client{User: fmt.Sprint("u", slot), Transport: wire.TCP, Online: w.online[slot]}
}

func (w *fakeWorker) note(what string, slot plan.Slot, online bool) {
	w.asked = append(w.asked, fmt.Sprintf("%s %d", what, slot))
	w.online[slot] = online
}

func (w *fakeWorker) Login(slot plan.Slot, _ time.Duration)      { w.note("login", slot, false) }
func (w *fakeWorker) Logout(slot plan.Slot, _ time.Duration)     { w.note("logout", slot, false) }
func (w *fakeWorker) Disconnect(slot plan.Slot, _ time.Duration) { w.note("disconnect", slot, false) }

func (w *fakeWorker) Abandon(slot plan.Slot, _ time.Duration, asNew bool, remains Remains) {
	w.note(fmt.Sprintf("abandon as new %t", asNew), slot, false)
	if w.left == nil {
		w.left = map[plan.Slot]Remains{}
	}
	w.left[slot] = remains
}

func (w *fakeWorker) KeptOut(plan.Slot, time.Duration) bool                 { return false }
func (w *fakeWorker) Affected(plan.Slot, time.Duration, time.Duration) bool { return false }

func (w *fakeWorker) Send(slot plan.Slot, _ time.Duration, m wire.Message) {
	w.note("send", slot, true)
	w.texts = append(w.texts, m.DataContent.Value())
}

// behave runs a test in virtual time with the behaviour of a scenario for two clients that
// are online; change is what is said about the load. It has no ramp and no warm-up.
func behave(t *testing.T, s Scenario, change func(o *options.Options), test func(t *testing.T, w *fakeWorker, b Behaviour)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o := Defaults(s)
		o.Clients, o.Ramp, o.Warmup, o.Duration = 2, 0, 0, time.Minute
		change(&o)
		w := &fakeWorker{books: books.NewWorker(wire.Transports[:]), online: []bool{true, true}}
		w.run = Run{
			Options: &o, Transports: wire.Transports[:], Start: time.Now(),
			Schedule: plan.NewSchedule(plan.Spec{Clients: o.Clients, Duration: o.Duration, Seed: 1, Pattern: s.Pattern(&o)}),
		}
		test(t, w, s.Behave(w))
	})
}

// step lets time go by until something is due, and has it done.
func step(t *testing.T, w *fakeWorker, b Behaviour) {
	t.Helper()
	due, ok := b.Next()
	if !ok {
		t.Fatal("nothing is due any more")
	}
	time.Sleep(due - w.run.Now()) // virtual
	b.Step(w.run.Now())
}

// back lets a client log in that was asked to.
func (w *fakeWorker) back(slot plan.Slot, b Behaviour) {
	w.online[slot] = true
	b.LoggedIn(Login{Slot: slot, Transport: wire.TCP, Now: w.run.Now(), DialBegan: w.run.Now()})
}

func TestStormDropsItsShareAndWaits(t *testing.T) {
	share := func(o *options.Options) { o.StormShare, o.StormAt = 100, 10*time.Second }
	behave(t, Storm{}, share, func(t *testing.T, w *fakeWorker, b Behaviour) {
		b.Step(9 * time.Second)
		if len(w.asked) != 0 || b.Busy() {
			t.Fatalf("before it is due it did %q", w.asked)
		}
		step(t, w, b)
		slices.Sort(w.asked)
		if want := []string{"disconnect 0", "disconnect 1"}; !slices.Equal(w.asked, want) || !b.Busy() {
			t.Errorf("it did %q and is busy: %t; want %q", w.asked, b.Busy(), want)
		}
		time.Sleep(time.Second) // virtual
		w.back(0, b)
		w.back(1, b)
		if got := w.books.Latencies.Total(books.Relogin, "tcp", 0); got.TotalCount() != 2 || b.Busy() {
			t.Errorf("%d returns were recorded, busy: %t", got.TotalCount(), b.Busy())
		}
		if _, ok := b.Next(); ok {
			t.Error("something is due after the storm")
		}
	})
}

// Who comes back as new is to kick its old self, which is waited for.
func TestSilentStormWaitsForKicks(t *testing.T) {
	silent := func(o *options.Options) {
		o.StormShare, o.StormHow, o.StormLogin = 100, options.StormSilent, options.LoginNew
	}
	behave(t, Storm{}, silent, func(t *testing.T, w *fakeWorker, b Behaviour) {
		step(t, w, b)
		slices.Sort(w.asked)
		if want := []string{"abandon as new true 0", "abandon as new true 1"}; !slices.Equal(w.asked, want) {
			t.Fatalf("it did %q, want %q", w.asked, want)
		}
		w.back(0, b)
		w.back(1, b)
		w.left[0].Arrived(w.run.Now(), wire.NewKickout("u0", wire.Kickout{Code: wire.KickDuplicateLogin}))
		if !b.Busy() {
			t.Error("it does not wait for the second kick")
		}
		if w.left[1].Ended(w.run.Now()); b.Busy() {
			t.Error("it waits for a kick on a connection that has ended")
		}
	})
}

// A client leaves every two seconds, and is back a second later.
func TestChurnTakesTurns(t *testing.T) {
	slow := func(o *options.Options) { o.Rate, o.Away = 0.5, time.Second }
	behave(t, Churn{}, slow, func(t *testing.T, w *fakeWorker, b Behaviour) {
		first := plan.Slot(w.run.Schedule.Turn(0))
		step(t, w, b)
		step(t, w, b)
		if want := []string{fmt.Sprint("logout ", first), fmt.Sprint("login ", first)}; !slices.Equal(w.asked, want) || !b.Busy() {
			t.Fatalf("it did %q and is busy: %t; want %q", w.asked, b.Busy(), want)
		}
		if got := w.run.Now(); got != time.Second {
			t.Errorf("the return is after %v", got)
		}
		w.back(first, b)
		if b.Busy() {
			t.Error("it waits for a client that is back")
		}
		w.online[1-first] = false
		step(t, w, b)
		if got := w.books.NotMade[books.NotOnline].Load(); got != 1 || len(w.asked) != 2 {
			t.Errorf("%d departures were not made, of a client that is not online; asked was %q", got, w.asked)
		}
		b.Stop(w.run.Now())
		if due, ok := b.Next(); ok {
			t.Errorf("something is due at %v after it was stopped", due)
		}
	})
}

// A question follows its answer, a think time later; one that has no answer is given up.
func TestEchoAsksAgain(t *testing.T) {
	think := func(o *options.Options) { o.ThinkTime = time.Second }
	behave(t, Echo{}, think, func(t *testing.T, w *fakeWorker, b Behaviour) {
		b.LoggedIn(Login{Slot: 1, First: true, Now: w.run.Now()})
		step(t, w, b)
		answer := wire.NewEchoResponse(wire.NewEcho("u1", w.texts[0]))
		if !b.Heard(1, w.run.Now(), answer) || b.Heard(1, w.run.Now(), answer) {
			t.Error("an answer has to be asked for once, and only once")
		}
		step(t, w, b)
		if got := w.run.Now(); got != 2*time.Second || len(w.texts) != 2 || !b.Busy() {
			t.Fatalf("%d questions after %v, want 2 after 2 s", len(w.texts), got)
		}
		step(t, w, b) // the first one would be given up
		step(t, w, b)
		if got := w.books.Messages[plan.Echoed].Lost.Load(); got != 1 || w.run.Now() != 2*time.Second+echoPatience || len(w.texts) != 3 {
			t.Errorf("%d were given up after %v, %d were asked", got, w.run.Now(), len(w.texts))
		}
	})
}
