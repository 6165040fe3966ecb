package verdict

import (
	"errors"
	"strings"
	"testing"
	"time"

	"imcheck/reports"
)

// parsed reads thresholds that are right.
func parsed(t *testing.T, texts ...string) (thresholds []Threshold) {
	t.Helper()
	for _, text := range texts {
		threshold, err := ParseThreshold(text)
		if err != nil {
			t.Fatal(err)
		}
		thresholds = append(thresholds, threshold)
	}
	return thresholds
}

// storm is a load that has a figure of every sort.
func storm(t *testing.T) *reports.Load {
	t.Helper()
	h := reports.NewHistogram()
	reports.Record(h, time.Millisecond)
	row, err := reports.NewLatency(reports.Series{Kind: reports.KindLogin, Transport: "tcp", From: reports.FromDue}, h)
	if err != nil {
		t.Fatal(err)
	}
	return &reports.Load{
		Scenario: "storm", Clients: map[string]int{"tcp": 1}, Measured: []string{"login", reports.MeasuresRecovery},
		Counters:  []string{reports.CounterSpurious, reports.CounterCalledLost},
		Latencies: []reports.Latency{row}, LastLoginMs: 5, Sessions: reports.Sessions{LoggedIn: 1},
		Recovery: &reports.Recovery{Dropped: 1, Returned: 1, P50Ms: 1, P99Ms: 1, P100Ms: 1},
	}
}

// A figure that a report does not have is named, and does not count as held.
func TestJudgeNamesGaps(t *testing.T) {
	whole := storm(t)
	tests := []struct {
		name, threshold, missing string
		change                   func(l *reports.Load)
		note                     string
	}{
		{"a shard", "login.p99<1s", "shard 3 is missing", func(*reports.Load) {}, "shard 3 is missing"},
		{"the last login", "login.rate>0.1/s", "", func(l *reports.Load) { l.LastLoginMs = 0 }, "when the last login was"},
		{"spurious copies", "ledger.spurious==0", "", func(l *reports.Load) { l.Counters = []string{reports.CounterCalledLost} }, "which copies were spurious"},
		{"what the server called lost", "ledger.called_lost==0", "", func(l *reports.Load) { l.Counters = []string{reports.CounterSpurious} }, "events of the server were not followed"},
		{"how the clients came back", "recovery.p99<10m", "", func(l *reports.Load) { l.Recovery = nil }, "how the clients came back"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := *whole
			test.change(&l)
			thresholds := parsed(t, test.threshold)
			got, err := Judge(thresholds, &l, test.missing)
			if err != nil || got[0].Held || !got[0].Unknown || !strings.Contains(got[0].Note, test.note) {
				t.Errorf("got %+v, %v; want …%s…", got, err, test.note)
			}
			if got, err = Judge(thresholds, whole, ""); err != nil || !got[0].Held || got[0].Unknown {
				t.Errorf("with it: %+v, %v", got, err)
			}
		})
	}
}

// A measured figure without a value is not a gap: it was crossed.
func TestJudgeWithoutValues(t *testing.T) {
	l := &reports.Load{Scenario: "steady", Clients: map[string]int{"tcp": 1}}
	got, err := Judge(parsed(t, "c2c_ack.p99<1s", "login.rate>1/s"), l, "")
	if err != nil || got[0].Unknown || got[0].Note != "nothing was measured" || got[1].Unknown {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestJudgeRefuses(t *testing.T) {
	good := func() *reports.Load {
		return &reports.Load{Scenario: "idle", Clients: map[string]int{"tcp": 1}, Measured: []string{"login", "heartbeat"}}
	}
	long := reports.NewHistogram()
	reports.Record(long, time.Second)
	encoded, err := reports.EncodeHistogram(long)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Judge(parsed(t, "login.tcp.p99<1s"), good(), ""); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, threshold, reason string
		change                  func(l *reports.Load)
	}{
		{"what is not measured", "c2c_ack.p99<1s", "the scenario idle does not measure c2c_ack", func(*reports.Load) {}},
		{"a transport without clients", "login.udp.p99<1s", "no client uses udp", func(*reports.Load) {}},
		{"a broken histogram", "login.p99<1s", "login on tcp from due: its histogram cannot be decoded", func(l *reports.Load) {
			l.Latencies = []reports.Latency{{Kind: "login", Transport: "tcp", From: "due", Histogram: "x" + encoded}}
		}},
		{"a broken lateness", "login.p99<1s", "lateness of the generator: its histogram", func(l *reports.Load) { l.Generator.LatenessHistogram = "x" }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := good()
			test.change(l)
			if _, err := Judge(parsed(t, test.threshold), l, ""); err == nil || !strings.Contains(err.Error(), test.reason) {
				t.Errorf("got %v, want …%s…", err, test.reason)
			}
		})
	}
	var unmeasured *UnmeasuredError
	if _, err := Judge(parsed(t, "login.p99<1s", "recovery.p99<1s"), good(), ""); !errors.As(err, &unmeasured) || unmeasured.Index != 1 {
		t.Errorf("got %v, want an *UnmeasuredError for the second threshold", err)
	}
}

func TestApart(t *testing.T) {
	crossed := []reports.Threshold{{Expression: "login.count>5", Actual: 1}}
	tests := []struct {
		name   string
		change func(l *reports.Load)
		want   reports.Outcome
		reason string
	}{
		{"only a threshold", func(*reports.Load) {}, reports.OutcomePass, "no session and no message"},
		{"nothing to leave aside", func(l *reports.Load) { l.Thresholds = nil }, reports.OutcomeFail, "as written"},
		{"an undetermined threshold", func(l *reports.Load) { l.Thresholds = []reports.Threshold{{Unknown: true}} }, reports.OutcomeFail, "as written"},
		{"ended by it", func(l *reports.Load) { l.Thresholds = []reports.Threshold{{EndedRun: true}} }, reports.OutcomeFail, "as written"},
		{"a flood", func(l *reports.Load) { l.Sessions.LostByCause = map[string]int64{reports.CauseUnexpected: 2} }, reports.OutcomeFail, "as written"},
		{"every login refused", func(l *reports.Load) { l.Sessions.LoggedIn = 0 }, reports.OutcomeFail, "as written"},
		{"no target", func(l *reports.Load) { l.Outcome = reports.OutcomeUnreachable }, reports.OutcomeUnreachable, "as written"},
		{"sessions lost as well", func(l *reports.Load) {
			l.Sessions.LostByCause = map[string]int64{"reset": 2}
			l.Sessions.Outages = []reports.Outage{{FromMs: 1000, ToMs: 2000}}
		}, reports.OutcomeFail, "2 sessions were lost; nobody was online from 1.0 s to 2.0 s"},
		{"messages lost as well", func(l *reports.Load) { l.Messages[0].Lost = 1 }, reports.OutcomeFail, "1 c2c message was lost"},
		{"what other shards may have", func(l *reports.Load) { l.Messages[0].Missing, l.Shard.Of = 1, 2 }, reports.OutcomePass, ""},
		{"what nobody else has", func(l *reports.Load) { l.Messages[0].Missing = 1 }, reports.OutcomeFail, "1 c2c message was acknowledged"},
		{"clients that stayed away", func(l *reports.Load) { l.Recovery = &reports.Recovery{Dropped: 3, Returned: 1} }, reports.OutcomeFail, "2 of the 3 clients"},
		{"sends that waited", func(l *reports.Load) { l.Generator.BlockedArrivals = 1 }, reports.OutcomeFail, "1 send could not be started"},
		{"less load than asked for", func(l *reports.Load) { l.Generator.OfflineArrivals = 1 }, reports.OutcomeInconclusive, "--warmup"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := &reports.Load{
				Header: reports.Header{Outcome: reports.OutcomeFail, Reason: "as written"}, Thresholds: crossed,
				Sessions: reports.Sessions{LoggedIn: 5}, Messages: []reports.Ledger{{Kind: "c2c", Sent: 5}},
			}
			test.change(l)
			if outcome, reason := Apart(l); outcome != test.want || !strings.Contains(reason, test.reason) {
				t.Errorf("got %s: %s; want %s: …%s…", outcome, reason, test.want, test.reason)
			}
		})
	}
}

// A sum of all transports is no transport of its own, and what this program
// does not know counts nowhere.
func TestHistogramsOfReport(t *testing.T) {
	h := reports.NewHistogram()
	reports.Record(h, time.Millisecond)
	l := &reports.Load{}
	for _, s := range []reports.Series{
		{Kind: "login", Transport: "tcp", From: "due"}, {Kind: "login", Transport: "all", From: "due"},
		{Kind: "login", Transport: "sctp", From: "due"}, {Kind: "logins", Transport: "tcp", From: "due"}, {Kind: "login", Transport: "tcp", From: "dawn"},
	} {
		row, err := reports.NewLatency(s, h)
		if err != nil {
			t.Fatal(err)
		}
		l.Latencies = append(l.Latencies, row)
	}
	r, err := decode(l)
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range reports.LatencyKinds {
		for _, from := range []string{reports.FromDue, reports.FromSend} {
			want := int64(0)
			if kind == reports.KindLogin && from == reports.FromDue {
				want = 1
			}
			if n := r.Latency(kind, reports.AllTransports, from).TotalCount(); n != want {
				t.Errorf("%d values of %s from %s, want %d", n, kind, from, want)
			}
		}
	}
	if n := r.Latency(reports.KindLogin, "tcp", reports.FromDue).TotalCount(); n != 1 {
		t.Errorf("%d values on tcp, want 1", n)
	}
}
