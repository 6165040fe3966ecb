package engine

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/bounds"
	"imcheck/harness/transport"
	"imcheck/harness/transport/impair"
	"imcheck/loadgen/host"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
)

// impairedBelow is an engine and its only link, which note what they are given.
type impairedBelow struct {
	Engine
	start time.Time
	log   []string
	err   error // of every Send
}

func (b *impairedBelow) note(what string) {
	b.log = append(b.log, fmt.Sprintf("%s@%d", what, time.Since(b.start).Milliseconds()))
}

func (b *impairedBelow) Send(body []byte) error                       { b.note(string(body)); return b.err }
func (b *impairedBelow) Mute()                                        { b.note("muted") }
func (b *impairedBelow) Close() error                                 { b.note("closed"); return nil }
func (b *impairedBelow) Open(wire.Transport, ConnectionID, plan.Seat) {}
func (b *impairedBelow) Wait(limit time.Duration) error               { time.Sleep(max(0, limit)); return nil } // virtual

// onImpaired has a connection over an impaired path in virtual time. arrived has what the worker
// is told, after its opening.
func onImpaired(t *testing.T, on wire.Transport, spec string, play func(e *Impaired, b *impairedBelow, link Link, arrived *[]Arrival)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		policy, _, err := impair.Parse([]string{spec})
		if err != nil {
			t.Fatal(err)
		}
		var link Link
		var arrived []Arrival
		b := &impairedBelow{start: time.Now()}
		e := &Impaired{
			path: impair.New(policy), start: b.start, wheel: host.NewWheel(0),
			client: func(slot plan.Slot) plan.Client { return plan.Client(slot) }, watch: func(*Arrival, impair.Outcome) {},
		}
		e.Engine = engineOf{b}
		e.take = func(a Arrival) {
			if a.Kind == Opened {
				link = a.Link
				return
			}
			arrived = append(arrived, a)
		}
		e.Open(on, ConnectionID{}, 0)
		e.arrive(Arrival{Kind: Opened, Link: b})
		play(e, b, link, &arrived)
	})
}

// engineOf makes an engine of what is both engine and link.
type engineOf struct{ *impairedBelow }

func (engineOf) Close() {}
func (engineOf) Flush() {}

// The end of a stream comes after what was sent before, and nothing is held any more.
func TestImpairedCloseComesLast(t *testing.T) {
	onImpaired(t, wire.TCP, "out: delay=100ms", func(e *Impaired, b *impairedBelow, link Link, _ *[]Arrival) {
		_ = link.Send([]byte("a"))
		time.Sleep(10 * time.Millisecond) // virtual
		_ = link.Send([]byte("b"))
		_ = link.Close()
		if err := link.Send([]byte("c")); err == nil {
			t.Error("a closed link takes messages")
		}
		e.Close()
		if want := []string{"a@100", "b@110", "closed@110"}; !slices.Equal(b.log, want) || e.held != 0 || e.closing != 0 {
			t.Errorf("got %q, %d bytes held; want %q", b.log, e.held, want)
		}
	})
}

// What arrives is handed over at its time, and the end after it; nothing does after a Close.
func TestImpairedArrivals(t *testing.T) {
	onImpaired(t, wire.UDP, "in: delay=50ms", func(e *Impaired, _ *impairedBelow, link Link, arrived *[]Arrival) {
		e.arrive(Arrival{Kind: Received, Size: 3})
		e.arrive(Arrival{Kind: Ended, Err: errors.New("over"), At: time.Millisecond})
		_ = e.Wait(-1)
		_ = e.Wait(-1)
		if a := *arrived; len(a) != 2 || a[0].At != 50*time.Millisecond || a[1].Kind != Ended || a[1].At != 51*time.Millisecond {
			t.Fatalf("got %+v", a)
		}
		e.arrive(Arrival{Kind: Received, At: 52 * time.Millisecond})
		_ = link.Close()
		_ = e.Wait(time.Second)
		if len(*arrived) != 2 || e.held != 0 {
			t.Errorf("got %+v after the close, %d bytes held", *arrived, e.held)
		}
	})
}

// A write that fails late is the end of the connection, unless its reader tells.
func TestImpairedWritesFail(t *testing.T) {
	for reason, told := range map[transport.CloseReason]int{transport.Timeout: 1, transport.Reset: 0} {
		onImpaired(t, wire.TCP, "out: delay=50ms", func(e *Impaired, b *impairedBelow, link Link, arrived *[]Arrival) {
			b.err = &transport.CloseError{Reason: reason, Err: errors.New("it failed")}
			if err := link.Send([]byte("a")); err != nil {
				t.Error(err)
			}
			_ = e.Wait(time.Second)
			if len(*arrived) != told || link.Send([]byte("b")) == nil {
				t.Errorf("%v: got %+v", reason, *arrived)
			}
		})
	}
}

// However much a target sends, what is held back is bounded.
func TestImpairedHoldsBackSoMuch(t *testing.T) {
	onImpaired(t, wire.TCP, "in: delay=10s", func(e *Impaired, _ *impairedBelow, _ Link, arrived *[]Arrival) {
		const size = 1 << 20
		for range 2 * bounds.HeldBack / size {
			e.arrive(Arrival{Kind: Noise, Size: size})
			if e.held > bounds.HeldBack {
				t.Fatalf("%d bytes are held back", e.held)
			}
		}
		counts := e.path.Counts()
		if len(*arrived) < bounds.HeldBack/size || len(counts) != 1 || counts[0].Hurried == 0 {
			t.Errorf("%d arrived early: %+v", len(*arrived), counts)
		}
	})
}
