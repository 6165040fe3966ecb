package host

import (
	"strings"
	"testing"
	"time"

	"imcheck/reports"
)

func TestGenerator(t *testing.T) {
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
			g := Generator(h, test.dropped)
			if g.Bottleneck != test.bottleneck || (g.BottleneckEvidence != "") != test.bottleneck || g.DroppedArrivals != test.dropped {
				t.Errorf("got %+v", g)
			}
		})
	}
}

// More than a millisecond is too late for one send in a hundred.
func TestLatenessBound(t *testing.T) {
	for late, bottleneck := range map[time.Duration]bool{time.Millisecond: false, 1010 * time.Microsecond: true} {
		h := reports.NewHistogram()
		reports.Record(h, late)
		if g := Generator(h, 0); g.Bottleneck != bottleneck {
			t.Errorf("sends that are %v late: a bottleneck is %t, want %t", late, g.Bottleneck, bottleneck)
		}
	}
}

func TestExplainBottleneck(t *testing.T) {
	g := reports.Generator{CPUSeconds: 2, GCPauseMaxUs: 1234, ThrottledMs: 1250, WaitedMs: 2750, StolenMs: 350}
	if ExplainBottleneck(&g, 2*time.Second, 2); g.BottleneckEvidence != "" {
		t.Errorf("evidence without a bottleneck: %s", g.BottleneckEvidence)
	}
	g.Bottleneck = true
	ExplainBottleneck(&g, 2*time.Second, 2)
	for _, want := range []string{
		"used 50 % of", "up to 1.23ms", "quota of its container kept its threads from running for 1.2 s",
		"waited 2.8 s in all for processors that others had", "kept its processors from running for 0.3 s in all",
	} {
		if !strings.Contains(g.BottleneckEvidence, want) {
			t.Errorf("%q is not in %q", want, g.BottleneckEvidence)
		}
	}
}
