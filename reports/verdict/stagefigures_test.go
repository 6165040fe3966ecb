package verdict

import (
	"strings"
	"testing"
	"time"

	"imcheck/reports"
)

// staged is a load of three stages, of which the last was not come to.
func staged(t *testing.T) *reports.Load {
	t.Helper()
	l := &reports.Load{Scenario: "steady", Clients: map[string]int{"tcp": 1}}
	for i, took := range []time.Duration{10 * time.Millisecond, 300 * time.Millisecond, time.Millisecond} {
		h := reports.NewCoarseHistogram()
		for range 10 {
			reports.Record(h, took)
		}
		row, err := reports.NewLatency(reports.Series{Kind: reports.KindC2CDelivery, Transport: reports.AllTransports, From: reports.FromDue}, h)
		if err != nil {
			t.Fatal(err)
		}
		l.Stages = append(l.Stages, reports.Stage{
			RanMs: 5000, Messages: []reports.StageMessages{{Kind: reports.MessagesC2C, Sent: 100, Lost: int64(i)}}, Latencies: []reports.Latency{row},
			SessionsLost: int64(i), DroppedArrivals: int64(10 * i), LatenessHistogram: row.Histogram,
		})
	}
	l.Stages[2].RanMs = 0
	return l
}

// A threshold on a stage looks at that stage only.
func TestStageThresholds(t *testing.T) {
	tests := []struct {
		threshold     string
		held, unknown bool
	}{
		{"stage.1.c2c_delivery.p99<200ms", true, false},
		{"stage.2.c2c_delivery.p99<200ms", false, false},
		{"stage.2.c2c_delivery.rate>=2/s", true, false},
		{"stage.1.ledger.lost==0", true, false},
		{"stage.2.ledger.c2c.lost<1%", false, false},
		{"stage.2.sessions.lost==1", true, false},
		{"stage.2.sends.dropped==10", true, false},
		{"stage.1.lateness.p99<11ms", true, false},
		{"stage.3.ledger.lost==0", false, true},
	}
	for _, test := range tests {
		judged, err := Judge(parsed(t, test.threshold), staged(t), "")
		if err != nil || judged[0].Held != test.held || judged[0].Unknown != test.unknown {
			t.Errorf("%s: %+v, %v", test.threshold, judged, err)
		}
	}
}

func TestStageThresholdsRefused(t *testing.T) {
	for text, reason := range map[string]string{
		"stage.c2c_delivery.p99<1s":          "write its number, from 1, and the figure",
		"stage.0.c2c_delivery.p99<1s":        "write its number, from 1, and the figure",
		"stage.1<1s":                         "write its number, from 1, and the figure",
		"stage.1.stage.1.login.p99<1s":       `"stage" is not a figure`,
		"stage.1.c2c_delivery.tcp.p99<1s":    "all transports since due only",
		"stage.1.c2c_delivery.send.p99<1s":   "all transports since due only",
		"stage.1.ledger.pending==0":          `the ledger of a stage has no "pending"`,
		"stage.1.sessions.online==1":         "a stage has lost only",
		"stage.1.recovery.p99<1s":            "a stage has no figures of recovery",
		"stage.1.target.memory<1GB":          "a stage has no figures of target",
		"stage.1.ledger.lost_slope<1pp/h":    "a stage has no slopes",
		"abort:stage.1.c2c_delivery.p99<1ms": "leave abort: out",
	} {
		if _, err := ParseThreshold(text); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v, want …%s…", text, err, reason)
		}
	}
	for stages, reason := range map[int]string{0: "the load has no stages", 2: "the load has 2 stages"} {
		m := Measured{Scenario: "steady", Stages: stages}
		if err := m.Check(parsed(t, "stage.3.login.p99<1s")); err == nil || !strings.Contains(err.Error(), reason) {
			t.Errorf("%d stages: %v, want …%s…", stages, err, reason)
		}
	}
}
