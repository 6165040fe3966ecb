package engine

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
)

// below is an engine whose connections the test plays.
type below struct {
	Engine
	asked []ConnectionID
}

func (b *below) Open(_ wire.Transport, id ConnectionID, _ plan.Seat) { b.asked = append(b.asked, id) }
func (b *below) Queued(func(ConnectionID))                           {}
func (b *below) Wait(limit time.Duration) error {
	time.Sleep(limit) // virtual
	return nil
}

// noting is a link that notes what is done with it.
type noting struct{ done []string }

func (n *noting) Send(body []byte) error { n.done = append(n.done, string(body)); return nil }
func (n *noting) Close() error           { n.done = append(n.done, "closed"); return nil }
func (n *noting) Mute()                  { n.done = append(n.done, "muted") }

// onOutage plays on an engine whose network is away from 10 s to 25 s. Slot 0 is on TCP, slot 1
// on UDP; arrived is what their worker was told.
func onOutage(t *testing.T, play func(o *Outage, b *below, arrived *[]string)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		b, arrived := &below{}, []string{}
		o := &Outage{
			Engine: b, when: plan.Outage{From: 10 * time.Second, To: 25 * time.Second}, start: time.Now(), most: 100,
			on: func(slot plan.Slot) wire.Transport { return [...]wire.Transport{wire.TCP, wire.UDP}[slot] },
		}
		o.take = func(a Arrival) {
			arrived = append(arrived, fmt.Sprintf("%d of %d at %v", a.Kind, a.ID.Client, a.At))
		}
		play(o, b, &arrived)
	})
}

// open reports a connection of a slot, and returns both ends of the link.
func open(o *Outage, slot plan.Slot) (given *outageLink, below *noting) {
	below = &noting{}
	take := o.take
	o.take = func(a Arrival) { given = a.Link.(*outageLink) }
	o.arrive(Arrival{Kind: Opened, ID: ConnectionID{Client: slot}, Link: below})
	o.take = take
	return given, below
}

func TestOutageOfAStream(t *testing.T) {
	onOutage(t, func(o *Outage, _ *below, arrived *[]string) {
		link, below := open(o, 0)
		link.Send([]byte("before"))
		_ = o.Wait(12 * time.Second)
		link.Send([]byte("meanwhile"))
		o.arrive(Arrival{Kind: Received, At: 12 * time.Second})
		o.arrive(Arrival{Kind: Ended, At: 13 * time.Second})
		link.Close()
		if err := link.Send(make([]byte, 100)); err == nil {
			t.Error("more than may wait is taken")
		}
		if len(*arrived) != 0 || !slices.Equal(below.done, []string{"before"}) {
			t.Errorf("while the network is away %q arrived, and %q passed", *arrived, below.done)
		}
		_ = o.Wait(time.Hour) // it ends with the outage
		if want := []string{"3 of 0 at 25s", "5 of 0 at 25s"}; !slices.Equal(*arrived, want) {
			t.Errorf("%q arrived, want %q", *arrived, want)
		}
		if want := []string{"before", "meanwhile", "closed"}; !slices.Equal(below.done, want) || o.Held != 2 || o.Lost != 0 {
			t.Errorf("%q passed, %d held up and %d lost; want %q, 2 and none", below.done, o.Held, o.Lost, want)
		}
	})
}

func TestOutageOfDatagrams(t *testing.T) {
	onOutage(t, func(o *Outage, b *below, arrived *[]string) {
		link, below := open(o, 1)
		_ = o.Wait(12 * time.Second)
		link.Send([]byte("lost"))
		o.arrive(Arrival{Kind: Received, ID: ConnectionID{Client: 1}, At: 12 * time.Second})
		o.Open(wire.UDP, ConnectionID{Client: 1}, 0)
		_ = o.Wait(time.Hour)
		link.Send([]byte("passes"))
		if !slices.Equal(below.done, []string{"passes"}) || len(*arrived) != 0 || o.Lost != 2 || len(b.asked) != 1 {
			t.Errorf("%q passed, %q arrived, %d lost, %d opened", below.done, *arrived, o.Lost, len(b.asked))
		}
	})
}

// An attempt to connect takes as long as the network is away, and its timeout at most.
func TestOutageOfAttempts(t *testing.T) {
	onOutage(t, func(o *Outage, b *below, arrived *[]string) {
		_ = o.Wait(12 * time.Second)
		o.Open(wire.TCP, ConnectionID{Serial: 1}, 0)
		_ = o.Wait(8 * time.Second)
		o.Open(wire.TCP, ConnectionID{Serial: 2}, 0)
		_ = o.Wait(time.Hour)
		if len(*arrived) != 1 || time.Since(o.start) != 12*time.Second+transport.DialTimeout {
			t.Errorf("%q failed after %v, want the first attempt", *arrived, time.Since(o.start))
		}
		_ = o.Wait(time.Hour)
		if len(b.asked) != 1 || b.asked[0].Serial != 2 || time.Since(o.start) != 25*time.Second {
			t.Errorf("%v were opened after %v, want the second attempt", b.asked, time.Since(o.start))
		}
	})
}

// A muted connection of the portable engine writes nothing more, is still read, and is reset.
func TestPortableMute(t *testing.T) {
	for _, kind := range []wire.Transport{wire.TCP, wire.WS} {
		synctest.Test(t, func(t *testing.T) {
			network := memory.New()
			heard := &hearing{}
			l, err := transport.Listen(network, kind, "127.0.0.1:0", transport.Options{})
			if err != nil {
				t.Fatal(err)
			}
			go l.Serve(heard)
			defer l.Close()
			c := &Config{Target: &target.Target{Network: network}, Start: time.Now()}
			c.Target.Addresses[kind] = l.Addr().String()
			var link Link
			var got []ArrivalKind
			e, err := New(c, func(a Arrival) {
				got = append(got, a.Kind)
				if a.Kind == Opened {
					link = a.Link
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			defer e.Close()
			e.Open(kind, ConnectionID{}, 0)
			for link == nil {
				_ = e.Wait(time.Second)
			}
			link.Send([]byte("first"))
			synctest.Wait()
			link.Mute()
			link.Send([]byte("second"))
			heard.link.Send([]byte("{}"))
			_ = e.Wait(time.Second)
			link.Close()
			synctest.Wait()
			if !slices.Equal(heard.bodies, []string{"first"}) || !slices.Equal(got, []ArrivalKind{Opened, Received}) {
				t.Errorf("%s: the server heard %q, the client %v", kind, heard.bodies, got)
			}
			if ended, ok := heard.reason.(*transport.CloseError); !ok || ended.Reason != transport.Reset {
				t.Errorf("%s: the server saw %v, want a reset", kind, heard.reason)
			}
		})
	}
}

// hearing is a server's handler.
type hearing struct {
	link   transport.Link
	bodies []string
	reason error
}

func (h *hearing) Open(l transport.Link) bool { h.link = l; return true }
func (h *hearing) Message(_ transport.Link, body []byte) {
	h.bodies = append(h.bodies, string(body))
}
func (h *hearing) Closed(_ transport.Link, reason error) { h.reason = reason }
