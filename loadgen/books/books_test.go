package books

import (
	"fmt"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

var streams = []wire.Transport{wire.TCP, wire.WS}

func TestRecorderReport(t *testing.T) {
	first, second := NewRecorder(streams), NewRecorder(streams)
	first.Record(Heartbeat, wire.TCP, 30*time.Millisecond, 10*time.Millisecond)
	second.Record(Heartbeat, wire.WS, 50*time.Millisecond, 20*time.Millisecond)
	second.Record(Heartbeat, wire.WS, -time.Second, 2*time.Hour) // kept in range
	first.merge(second)
	list, err := first.Report()
	if err != nil {
		t.Fatal(err)
	}
	type key struct {
		transport, from string
	}
	counts := map[key]int64{}
	for _, l := range list {
		if l.Kind != "heartbeat" {
			t.Errorf("%s was not measured, but is listed", l.Kind)
		}
		counts[key{l.Transport, l.From}] = l.Count
		decoded, err := hdrhistogram.Decode([]byte(l.Histogram))
		if err != nil || decoded.TotalCount() != l.Count {
			t.Errorf("the histogram of %s from %s does not have its %d values: %v", l.Transport, l.From, l.Count, err)
		}
		if l.Transport == "ws" && l.From == reports.FromSend && (l.MinUs < 19_900 || l.MaxUs < time.Minute.Microseconds()*999/1000) {
			t.Errorf("ws from send is %d to %d µs, want 20 ms to a minute", l.MinUs, l.MaxUs)
		}
	}
	want := map[key]int64{
		{"tcp", "due"}: 1, {"tcp", "send"}: 1, {"ws", "due"}: 2, {"ws", "send"}: 2, {"all", "due"}: 3, {"all", "send"}: 3,
	}
	for k, n := range want {
		if counts[k] != n {
			t.Errorf("%v has %d values, want %d", k, counts[k], n)
		}
	}
	if len(counts) != len(want) {
		t.Errorf("listed are %v, want %v", counts, want)
	}
}

func TestRecordingAllocatesNothing(t *testing.T) {
	r := NewRecorder(streams)
	a := Activity{Delivery: reports.NewHistogram()}
	allocations := testing.AllocsPerRun(100, func() {
		r.Record(C2CDelivery, wire.WS, time.Millisecond, time.Microsecond)
		a.Deliver(time.Second)
		r.RecordLateness(time.Millisecond)
	})
	if allocations != 0 {
		t.Errorf("recording allocates %v times", allocations)
	}
}

func TestLedgerSum(t *testing.T) {
	var a, b Ledger
	a[plan.ToClient].Sent.Store(10)
	b[plan.ToClient].Sent.Store(5)
	a[plan.ToClient].Acknowledged.Store(9)
	b[plan.ToClient].Acknowledged.Store(3)
	b[plan.ToClient].Lost.Store(1)
	a[plan.ToClient].Delivered.Store(7)
	b[plan.ToClient].TooLate.Store(2)
	total := Sum([]*Ledger{&a, &b}, plan.ToClient)
	want := reports.Ledger{Kind: "c2c", Sent: 15, Acknowledged: 12, Delivered: 7, TooLate: 2, Lost: 1, Pending: 2, Missing: 6}
	if total != want {
		t.Errorf("got %+v, want %+v", total, want)
	}
	if got := Sum([]*Ledger{&a}, plan.ToServer).Missing; got != 0 {
		t.Errorf("%d messages to the server are missing: nobody can see that", got)
	}
}

func TestSessionsMerge(t *testing.T) {
	total, a, b := NewSessions(), NewSessions(), NewSessions()
	a.Lose(Loss{At: 3 * time.Second, User: "late", Cause: "reset"})
	b.Lose(Loss{At: 2 * time.Second, User: "early", Cause: "closed"})
	b.Lose(Loss{At: 4 * time.Second, User: "third", Cause: "closed"})
	total.Merge(&a)
	total.Merge(&b)
	if total.Total() != 3 || total.Lost["closed"] != 2 || total.First.User != "early" {
		t.Errorf("got %v, first %v", total.Lost, total.First)
	}
}

func TestSessionsBoundTheirCauses(t *testing.T) {
	s := NewSessions()
	for code := range 1000 {
		s.Lose(Loss{Cause: time.Duration(code).String()})
	}
	if len(s.Lost) != MaxCauses+1 || s.Total() != 1000 {
		t.Errorf("%d causes for %d losses, want %d for 1000", len(s.Lost), s.Total(), MaxCauses+1)
	}
}

// Of two losses at the same time the first is the one that says something of the target.
func TestClientsThatWereNeverTriedAreNotTheFirstLoss(t *testing.T) {
	s := NewSessions()
	s.Lose(Loss{At: time.Second, User: "u0", Cause: CauseQueued})
	s.Lose(Loss{At: time.Second, User: "u1", Cause: "reset"})
	if s.First.User != "u1" {
		t.Errorf("the first loss is %v, want that of u1", s.First)
	}
}

func TestGivenUpIsBounded(t *testing.T) {
	var g GivenUp
	for i := range MaxGivenUp + 10 {
		g.Add(fmt.Sprint(i), time.Duration(i))
	}
	_, oldest := g.Take("9")
	at, next := g.Take("10")
	_, again := g.Take("10")
	if len(g.known) != MaxGivenUp-1 || oldest || !next || at != 10 || again {
		t.Errorf("%d are known, the oldest are to be forgotten", len(g.known))
	}
}
