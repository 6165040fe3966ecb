package loadgen

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/harness/bounds"
	"imcheck/harness/machine"
	"imcheck/harness/transport"
	"imcheck/loadgen/plan"
	"imcheck/protocol/qos"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

var streams = []wire.Transport{wire.TCP, wire.WS}

func TestRecorderReport(t *testing.T) {
	first, second := newRecorder(streams), newRecorder(streams)
	first.record(heartbeat, wire.TCP, 30*time.Millisecond, 10*time.Millisecond)
	second.record(heartbeat, wire.WS, 50*time.Millisecond, 20*time.Millisecond)
	second.record(heartbeat, wire.WS, -time.Second, 2*time.Hour) // kept in range
	first.merge(second)
	list, err := first.report()
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
	r := newRecorder(streams)
	a := activity{delivery: reports.NewHistogram()}
	allocations := testing.AllocsPerRun(100, func() {
		r.record(c2cDelivery, wire.WS, time.Millisecond, time.Microsecond)
		a.deliver(time.Second)
		r.recordLateness(time.Millisecond)
	})
	if allocations != 0 {
		t.Errorf("recording allocates %v times", allocations)
	}
}

func TestObserveSelf(t *testing.T) {
	tests := []struct {
		name       string
		late       int // of 1000 sends, by 50 ms
		dropped    int64
		bottleneck bool
	}{
		{"in time", 0, 0, false},
		{"seldom late", 9, 0, false},
		{"late too often", 11, 0, true},
		{"one left out", 0, 1, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := reports.NewHistogram()
			for i := range 1000 {
				if i < test.late {
					reports.Record(h, 50*time.Millisecond)
				} else {
					reports.Record(h, time.Millisecond)
				}
			}
			g := observeSelf(h, test.dropped)
			if g.Bottleneck != test.bottleneck || (g.BottleneckEvidence != "") != test.bottleneck || g.DroppedArrivals != test.dropped {
				t.Errorf("got %+v", g)
			}
		})
	}
}

func TestBytesPerClient(t *testing.T) {
	tests := []struct{ before, after, want int64 }{{100, 1100, 100}, {0, 1100, 0}, {100, 0, 0}, {1100, 100, 0}}
	for _, test := range tests {
		if got := bytesPerClient(test.before, test.after, 10); got != test.want {
			t.Errorf("from %d to %d bytes: %d a client, want %d", test.before, test.after, got, test.want)
		}
	}
}

func TestLedgerSum(t *testing.T) {
	var a, b ledger
	a[plan.ToClient].sent.Store(10)
	b[plan.ToClient].sent.Store(5)
	a[plan.ToClient].acknowledged.Store(9)
	b[plan.ToClient].acknowledged.Store(3)
	b[plan.ToClient].lost.Store(1)
	a[plan.ToClient].delivered.Store(7)
	b[plan.ToClient].tooLate.Store(2)
	total := sum([]*ledger{&a, &b}, plan.ToClient)
	want := reports.Ledger{Kind: "c2c", Sent: 15, Acknowledged: 12, Delivered: 7, TooLate: 2, Lost: 1, Pending: 2, Missing: 6}
	if total != want {
		t.Errorf("got %+v, want %+v", total, want)
	}
	if got := sum([]*ledger{&a}, plan.ToServer).Missing; got != 0 {
		t.Errorf("%d messages to the server are missing: nobody can see that", got)
	}
}

func TestSessionsMerge(t *testing.T) {
	total, a, b := newSessions(), newSessions(), newSessions()
	a.lose(loss{at: 3 * time.Second, user: "late", cause: causeReset})
	b.lose(loss{at: 2 * time.Second, user: "early", cause: causeClosed})
	b.lose(loss{at: 4 * time.Second, user: "third", cause: causeClosed})
	total.merge(&a)
	total.merge(&b)
	if total.total() != 3 || total.lost[causeClosed] != 2 || total.first.user != "early" {
		t.Errorf("got %v, first %v", total.lost, total.first)
	}
}

func TestSessionsBoundTheirCauses(t *testing.T) {
	s := newSessions()
	for code := range 1000 {
		s.lose(loss{cause: time.Duration(code).String()})
	}
	if len(s.lost) != maxCauses+1 || s.total() != 1000 {
		t.Errorf("%d causes for %d losses, want %d for 1000", len(s.lost), s.total(), maxCauses+1)
	}
}

func TestLinkCause(t *testing.T) {
	tests := map[string]error{
		causeClosed:  &transport.CloseError{Reason: transport.ByPeer},
		causeReset:   &transport.CloseError{Reason: transport.Reset},
		causeTimeout: &transport.CloseError{Reason: transport.Timeout},
		causeBroken:  io.ErrShortWrite,
	}
	for want, err := range tests {
		if got := linkCause(errors.Join(err)); got != want {
			t.Errorf("%v is %q, want %q", err, got, want)
		}
	}
}

// More than a millisecond is too late for one send in a hundred.
func TestLatenessBound(t *testing.T) {
	for late, bottleneck := range map[time.Duration]bool{time.Millisecond: false, 1010 * time.Microsecond: true} {
		h := reports.NewHistogram()
		reports.Record(h, late)
		if g := observeSelf(h, 0); g.Bottleneck != bottleneck {
			t.Errorf("sends that are %v late: a bottleneck is %t, want %t", late, g.Bottleneck, bottleneck)
		}
	}
}

func TestUsage(t *testing.T) {
	before := takeUsage()
	runtime.GC()
	runtime.GC()
	var g reports.Generator
	before.since(&g)
	if g.GCs < 2 || g.GCPauseTotalUs < 0 || g.GCPauseMaxUs > g.GCPauseTotalUs+int64(g.GCs) {
		t.Errorf("got %+v, want two collections and more, and their pauses", g)
	}
	if files := machine.OpenFiles(); runtime.GOOS == "linux" && files < 3 {
		t.Errorf("%d files are open, fewer than the standard streams", files)
	}
}

func TestExplainBottleneck(t *testing.T) {
	g := reports.Generator{CPUSeconds: 2, GCPauseMaxUs: 1234, ThrottledMs: 1250}
	if explainBottleneck(&g, 2*time.Second, 2); g.BottleneckEvidence != "" {
		t.Errorf("evidence without a bottleneck: %s", g.BottleneckEvidence)
	}
	g.Bottleneck = true
	explainBottleneck(&g, 2*time.Second, 2)
	if got := g.BottleneckEvidence; !strings.Contains(got, "used 50 % of") || !strings.Contains(got, "up to 1.23ms") || !strings.Contains(got, "quota of its container kept its threads from running for 1.2 s") {
		t.Errorf("got %q", got)
	}
}

// Of two losses at the same time the first is the one that says something of the target.
func TestClientsThatWereNeverTriedAreNotTheFirstLoss(t *testing.T) {
	s := newSessions()
	s.lose(loss{at: time.Second, user: "u0", cause: causeQueued})
	s.lose(loss{at: time.Second, user: "u1", cause: causeReset})
	if s.first.user != "u1" {
		t.Errorf("the first loss is %v, want that of u1", s.first)
	}
}

// What the outcome of a run says about limits is what they are.
func TestLimitsOfReports(t *testing.T) {
	if reports.HandshakesAtOnce != bounds.DialsAtOnce {
		t.Errorf("%d handshakes at once, reported are %d", bounds.DialsAtOnce, reports.HandshakesAtOnce)
	}
	if givenUp := 3*qos.SweepEvery + 3*time.Second; reports.TooLateAfter != givenUp {
		t.Errorf("messages are given up after %v, reported are %v", givenUp, reports.TooLateAfter)
	}
}
