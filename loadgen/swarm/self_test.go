package swarm

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"imcheck/harness/bounds"
	"imcheck/harness/machine"
	"imcheck/harness/transport"
	"imcheck/protocol/qos"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

var streams = []wire.Transport{wire.TCP, wire.WS}

func TestObserveSelf(t *testing.T) {
	tests := []struct {
		name       string
		late       int // number of 1000 sends that are late, by 50 ms
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

// What the outcome of a run says about limits is what they are.
func TestLimitsOfReports(t *testing.T) {
	if reports.HandshakesAtOnce != bounds.DialsAtOnce {
		t.Errorf("%d handshakes at once, reported are %d", bounds.DialsAtOnce, reports.HandshakesAtOnce)
	}
	if givenUp := 3*qos.SweepEvery + 3*time.Second; reports.TooLateAfter != givenUp {
		t.Errorf("messages are given up after %v, reported are %v", givenUp, reports.TooLateAfter)
	}
}
