package verdict

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/reports"
)

// measured returns the figures of a run of 10 s with a login of 20 and one of 40 ms,
// messages to the server and to clients, and nothing else.
func measured() *Figures {
	r := reported{map[reports.Series]*hdrhistogram.Histogram{}, reports.NewHistogram()}
	for _, m := range []struct {
		kind, transport, from string
		took                  time.Duration
	}{
		{"login", "tcp", "due", 20 * time.Millisecond}, {"login", "tcp", "send", 10 * time.Millisecond},
		{"login", "ws", "due", 40 * time.Millisecond}, {"login", "ws", "send", 30 * time.Millisecond},
		{"echo", "udp", "send", 5 * time.Millisecond},
	} {
		h := reports.NewHistogram()
		reports.Record(h, m.took)
		r.latencies[reports.Series{Kind: reports.LatencyKind(m.kind), Transport: m.transport, From: m.from}] = h
	}
	reports.Record(r.lateness, 300*time.Microsecond)
	return &Figures{
		Histograms: r, LoggedIn: 2, LastLogin: 4 * time.Second, Online: 2, Dropped: 3, Counted: 10 * time.Second,
		Messages: []reports.Ledger{{Kind: "c2s", Sent: 100, Lost: 1}, {Kind: "c2c", Sent: 300, Delivered: 200, Lost: 3, Duplicated: 5, Spurious: 4}},
		Recovery: &reports.Recovery{P50Ms: 12, P99Ms: 3000, P100Ms: -1},
	}
}

func TestThresholdJudge(t *testing.T) {
	tests := []struct {
		text   string
		actual float64
		unit   string
		held   bool
	}{
		{"login.p99<50ms", 40, "ms", true},
		{"login.p99.9<0.05s", 0.04, "s", true},
		{"login.p50 <= 20100us", 20000, "us", true},
		{"login.min==20ms", 20, "ms", true},
		{"login.mean<30ms", 30, "ms", false},
		{"login.max>1m", 0.04 / 60, "m", false},
		{"login.tcp.max<30ms", 20, "ms", true},
		{"login.send.max<35ms", 30, "ms", true},
		{"login.ws.send.p0!=30ms", 30, "ms", false},
		{"login.due.tcp.max<30ms", 20, "ms", true},
		{"login.count==2", 2, "", true},
		{"login.rate>=0.5/s", 0.5, "/s", true},
		{"ledger.lost==0", 4, "", false},
		{"ledger.c2s.lost<=1", 1, "", true},
		{"ledger.lost<=1%", 1, "%", true},
		{"ledger.c2c.duplicated<1%", 5.0 / 3, "%", false},
		{"ledger.spurious==0", 4, "", false},
		{"ledger.spurious<1%", 2, "%", false},
		{"ledger.c2c.spurious<=2%", 2, "%", true},
		{"ledger.c2s.spurious==0", 0, "", true},
		{"sessions.online>=2", 2, "", true},
		{"sessions.logged_in>2", 2, "", false},
		{"sessions.lost==0", 0, "", true},
		{"sends.dropped==0", 3, "", false},
		{"echo.p99<4ms", 5, "ms", false},
		{"lateness.p99<1ms", 0.3, "ms", true},
		{"recovery.p50<1s", 0.012, "s", true},
		{" abort:recovery.p99>5s ", 3, "s", false},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			threshold, err := ParseThreshold(test.text)
			if err != nil {
				t.Fatal(err)
			}
			got, known := threshold.Judge(measured())
			// Histograms keep three digits.
			if diff := got.Actual - test.actual; !known || diff > test.actual/500 || -diff > test.actual/500 {
				t.Errorf("measured is %v (known: %t), want %v", got.Actual, known, test.actual)
			}
			if got.Held != test.held || got.Unit != test.unit || got.Expression != strings.TrimSpace(test.text) {
				t.Errorf("got %+v, want held %t in %q", got, test.held, test.unit)
			}
			if want := strings.Contains(test.text, "abort:"); threshold.Aborts() != want {
				t.Errorf("it ends the run: %t, want %t", threshold.Aborts(), want)
			}
		})
	}
}

// A bound on what was not measured does not hold: it would hide a scenario
// that measures something else.
func TestThresholdWithoutAFigure(t *testing.T) {
	for _, text := range []string{"heartbeat.p99<1s", "login.udp.p99<1s", "recovery.p100<60m", "ledger.lost<1%", "ledger.spurious<1%"} {
		threshold, err := ParseThreshold(text)
		if err != nil {
			t.Fatal(err)
		}
		f := measured()
		f.Messages = nil
		if got, known := threshold.Judge(f); known || got.Held || got.Note == "" {
			t.Errorf("%s: got %+v, known: %t", text, got, known)
		}
	}
}

func TestParseThresholdRefuses(t *testing.T) {
	tests := []struct{ text, reason string }{
		{"", "compares nothing"},
		{"login.p99", "compares nothing"},
		{"login.p99=50ms", `"=" is not an operator: use <= >= == != < >`},
		{"login.p99!50ms", `"!" is not an operator`},
		{"<50ms", `"" is not a figure: use login, heartbeat`},
		{"logins.p99<50ms", `"logins" is not a figure`},
		{"login<50ms", `login has no "": use a percentile such as p99.9, or min, mean`},
		{"login.p100.1<50ms", `login has no "p100.1"`},
		{"login.p-1<50ms", `login has no "p-1"`},
		{"login.pNaN<50ms", `login has no "pNaN"`},
		{"login.sctp.p99<50ms", `login has no "sctp.p99"`},
		{"login.p99<", "is not a number"},
		{"login.p99<fast", "is not a number"},
		{"login.p99<-1ms", "is not a number"},
		{"login.p99<1.2.3ms", "is not a number"},
		{"login.p99<50", "login.p99 is a time: write a number with us, ms, s or m"},
		{"login.p99<50h", `"h" is not a unit: use us, ms, s or m`},
		{"login.p99<50%", "login.p99 is a time"},
		{"login.rate>500", "login.rate is a rate: write a number with /s"},
		{"login.count>5ms", "login.count is a number: write it without a unit"},
		{"ledger.lost==0ms", "ledger.lost is a number of messages"},
		{"ledger.gone==0", `ledger has no "gone": use acknowledged, called_lost, delivered`},
		{"ledger.c2x.lost==0", `"c2x" is not a kind of message: use c2s, c2c`},
		{"sessions.lost<1%", "sessions.lost is a number"},
		{"sessions.gone<1", `sessions has no "gone": use logged_in, lost, online`},
		{"sends.gone<1", `sends has no "gone": use blocked, dropped, not_online`},
		{"recovery.p90<1s", "recovery has p50, p99 and p100 only"},
		{"recovery.max<1s", "recovery has p50, p99 and p100 only"},
		{"abort:login.p99", "compares nothing"},
		{"abort: abort:login.p99<1s", `"abort:login" is not a figure`},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			_, err := ParseThreshold(test.text)
			refused, ok := errors.AsType[*ThresholdError](err)
			if !ok || !strings.Contains(refused.Reason, test.reason) || refused.Text != test.text {
				t.Errorf("got %v, want …%s…", err, test.reason)
			}
		})
	}
}

// Whatever is accepted can be judged, and reads the same again.
func FuzzParseThreshold(f *testing.F) {
	for _, text := range []string{"c2c_delivery.p99.9<200ms", "ledger.lost==0", "login.rate>500/s", "abort:lateness.p99<1ms", "ledger.c2c.late<0.1%"} {
		f.Add(text)
	}
	run := measured()
	f.Fuzz(func(t *testing.T, text string) {
		threshold, err := ParseThreshold(text)
		if err != nil {
			if _, ok := errors.AsType[*ThresholdError](err); !ok {
				t.Fatalf("%q: the error is a %T", text, err)
			}
			return
		}
		again, err := ParseThreshold(threshold.String())
		if err != nil || again != threshold {
			t.Fatalf("%q reads as %+v, and %q as %+v, %v", text, threshold, threshold.String(), again, err)
		}
		threshold.Judge(run)
	})
}
