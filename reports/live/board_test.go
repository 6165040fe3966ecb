package live

import (
	"strings"
	"testing"
	"time"

	"imcheck/reports"
)

// aLoad is a load that goes on, with a history of so many seconds.
func aLoad(seconds int) *Load {
	var h History
	l := &Load{Clients: 60}
	for i := range seconds {
		l.Second = reports.Sample{AtMs: int64(i+1) * 1000, Online: 59, Sent: 1000, Delivered: 998, P50Us: 300, P99Us: 1200 + int64(i)}
		l.Total.Sent += l.Second.Sent
		h.Add(l.Second)
	}
	l.Timeline, l.Per = h.Samples()
	return l
}

// rendered returns all parts of a page in one text.
func (b *Board) renderedText(t *testing.T) string {
	t.Helper()
	u, err := b.render()
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, id := range partIDs {
		all.WriteString(u.Parts[id] + "\n")
	}
	return all.String()
}

func holds(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("there is no %q in\n%s", part, text)
		}
	}
}

func TestLoadIsShown(t *testing.T) {
	b := NewBoard("Load")
	holds(t, b.renderedText(t), "<h1>starting ", "Now: starting")
	d := reports.Series{Kind: reports.KindC2CDelivery, Transport: "tcp", From: reports.FromDue}
	b.Latencies.Start(time.Time{})
	h := reports.NewHistogram()
	reports.Record(h, 5*time.Millisecond)
	for _, s := range []reports.Series{d, {Kind: d.Kind, Transport: "udp", From: reports.FromDue}, {Kind: d.Kind, Transport: "udp", From: reports.FromSend}, {Kind: reports.SeriesLateness}} {
		if err := b.Latencies.Add(s, time.Time{}, time.Time{}, h); err != nil {
			t.Fatal(err)
		}
	}
	l := aLoad(10)
	l.Errors, l.Lost, l.Total.Errors, l.Late = []Count{{"session lost", 3}}, []Count{{"kicked out", 2}}, 5, true
	b.Update(func(s *State) {
		s.Title, s.Phase, s.ElapsedMs, s.PlannedMs, s.Load = "Load, scenario steady", "steady", 10_000, 60_000, l
	})
	text := b.renderedText(t)
	holds(t, text, "<h1>steady ", "10.0 s of 1 min 0 s", "Now: steady",
		"<strong>59</strong>", "of 60; 0 logins a second", "<strong>1,000/s</strong>", "998/s delivered", "<strong>1.21 ms</strong>",
		`<li class="bad"><span>Errors</span>`, "<strong>5</strong>", `<li class="odd"><span>The generator`,
		"<dt>session lost</dt><dd>3</dd>", "<dt>kicked out</dt><dd>2</dd>", "<svg class=\"plot\"", "Latency of deliveries, since due",
		`<td>c2c delivery</td><td class="number" data-label="Count">2</td>`)
	if strings.Contains(text, "lateness</td>") || strings.Count(text, "c2c delivery") != 1 {
		t.Error("the latencies are not those since due")
	}
}

// What a target says of itself is text, whatever it looks like.
func TestTextsOfTheTargetAreEscaped(t *testing.T) {
	b := NewBoard("Load")
	const hostile = "<script>alert(1)</script>\x1b[2J\u202e"
	b.Update(func(s *State) {
		s.Title, s.Target, s.Phase, s.Load = hostile, hostile, hostile, aLoad(3)
		s.Load.Errors = []Count{{hostile, 1}}
		s.Expiries = []Expiry{{Expiry: reports.Expiry{SenseMode: hostile, Transport: hostile}}}
	})
	running := b.renderedText(t)
	b.Update(func(s *State) {
		s.Ended, s.Outcome, s.Reason, s.Summary = true, reports.OutcomeFail, hostile, hostile
	})
	for _, text := range []string{running, b.renderedText(t)} {
		if strings.Contains(text, "<script>") || strings.Contains(text, "\x1b") || strings.Contains(text, "\u202e") {
			t.Errorf("it is not escaped:\n%s", text)
		}
		holds(t, text, "&lt;script&gt;alert(1)&lt;/script&gt;\\x1b[2J\\u202e")
	}
}

// Charts are drawn once in a while, for all; figures are always those of now, and the charts
// of the end too.
func TestChartsAreDrawnRarely(t *testing.T) {
	b, now := NewBoard("Load"), time.Unix(100, 0)
	b.now = func() time.Time { return now }
	show := func(seconds int) update {
		b.Update(func(s *State) { s.Load = aLoad(seconds) })
		u, err := b.render()
		if err != nil {
			t.Fatal(err)
		}
		return u
	}
	first := show(5)
	now = now.Add(chartsEvery - time.Second)
	second := show(9)
	if second.Parts[partCharts] != first.Parts[partCharts] || second.Parts[partFigures] == first.Parts[partFigures] {
		t.Error("after 4 s the charts are drawn anew, or the figures are not")
	}
	now = now.Add(time.Second)
	third := show(10)
	if third.Parts[partCharts] == second.Parts[partCharts] {
		t.Error("after 5 s the charts are those of before")
	}
	b.Update(func(s *State) { s.Ended, s.Outcome = true, reports.OutcomePass })
	last := show(11)
	if last.Parts[partCharts] == third.Parts[partCharts] || !last.Ended || last.Title != "PASS: Load" {
		t.Errorf("the end is not drawn: %q", last.Title)
	}
}

func TestExpiriesAreShown(t *testing.T) {
	b := NewBoard("Expiries")
	b.Update(func(s *State) {
		s.Phase = "measuring"
		s.Expiries = []Expiry{
			{Expiry: reports.Expiry{SenseMode: "3S", Transport: "tcp", Nominal: 10_000, Earliest: 10_007, Latest: 10_007, Tolerance: 500, Verdict: reports.Pass}, Begun: true, Cases: 3, Done: 1},
			{Expiry: reports.Expiry{SenseMode: "3S", Transport: "udp", Nominal: 10_000, Earliest: 9000, Latest: 12_000, Tolerance: 500, Verdict: reports.Fail}, Begun: true, Cases: 3, Done: 1, Bad: 1},
			{Expiry: reports.Expiry{SenseMode: "60S", Transport: "udp", Nominal: 130_000}, Begun: true, SinceMs: 12_000, Cases: 3},
			{Expiry: reports.Expiry{SenseMode: "60S", Transport: "tcp", Nominal: 120_000}, Cases: 3},
		}
	})
	holds(t, b.renderedText(t), "<strong>2 of 4</strong>", "<strong>2 of 12</strong>",
		`data-label="Expected">10.000 s</td>`, `data-label="Seen">10.007 s</td>`, `data-label="Drift">&#43;7.00 ms</td>`, "1 of 3 cases done", `<svg class="strip"`,
		"1 of 3 cases bad", "measuring for 12.0 s", ">waiting<")
}

func TestSearchIsShown(t *testing.T) {
	b := NewBoard("Search")
	b.Update(func(s *State) {
		s.Phase, s.Load = "step 3, 4,000 messages a second", aLoad(4)
		s.Search = &reports.Capacity{Unit: "messages a second", Steps: []reports.CapacityStep{
			{Number: 1, Load: 1000, Came: reports.CameHeld, Achieved: 1000, Offered: 1000, Latency: reports.KindC2CDelivery, P50Us: 100, P99Us: 200, P999Us: 300},
			{Number: 2, Load: 2000, Came: reports.CameGaveWay, Achieved: 1500, Offered: 2000, Latency: reports.KindC2CDelivery, P50Us: 1000, P99Us: 2000, P999Us: 3000, LostMessages: 7},
		}}
	})
	holds(t, b.renderedText(t), "<h1>step 3, 4,000 messages a second", "By load, so far", "Course of the step", "<h2>Steps</h2>", "2.00 ms")
}

// Who has a state may read it while the run goes on.
func TestStatesShareNothing(t *testing.T) {
	b := NewBoard("Search")
	b.Update(func(s *State) {
		s.Search = &reports.Capacity{Steps: make([]reports.CapacityStep, 1, 8)}
		s.Load = &Load{Clients: 1}
		s.Expiries = []Expiry{{Cases: 1}}
	})
	before, _ := b.snapshot()
	b.Update(func(s *State) {
		s.Search.Steps[0].Number = 2
		s.Load.Clients = 2
		s.Expiries[0].Cases = 2
	})
	if before.Search.Steps[0].Number != 0 || before.Load.Clients != 1 || before.Expiries[0].Cases != 1 {
		t.Errorf("the earlier state has changed: %+v", before)
	}
}

// What an update costs with charts, and without: once a second, and once in five.
func BenchmarkUpdate(b *testing.B) {
	for name, step := range map[string]time.Duration{"figures": 0, "charts": chartsShare * time.Hour} {
		b.Run(name, func(b *testing.B) {
			board, now := NewBoard("Load"), time.Unix(100, 0)
			board.now = func() time.Time { return now }
			l := aLoad(maxSamples)
			for b.Loop() {
				board.Update(func(s *State) { s.Load = l })
				if _, err := board.render(); err != nil {
					b.Fatal(err)
				}
				now = now.Add(step)
			}
		})
	}
}
