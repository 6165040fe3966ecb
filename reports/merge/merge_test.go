package merge

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/reports"
	"imcheck/reports/folder"
	"imcheck/reports/internal/reporttest"
	"imcheck/reports/text"
)

var (
	loginTCP   = reports.Series{Kind: "login", Transport: "tcp", From: reports.FromDue}
	reloginTCP = reports.Series{Kind: "relogin", Transport: "tcp", From: reports.FromDue}
	loginAll   = reports.Series{Kind: "login", Transport: reports.AllTransports, From: reports.FromDue}
	lateness   = reports.Series{Kind: reports.SeriesLateness}
	timeline   = reports.Series{Kind: reports.SeriesTimeline}
)

// shardFixture is a shard with what it recorded in each second.
type shardFixture struct {
	load     reports.Load
	logins   []*hdrhistogram.Histogram
	lateness []*hdrhistogram.Histogram
	timeline []*hdrhistogram.Histogram
	relogins *hdrhistogram.Histogram // logins of the first second; nil for none
}

// newShard returns a healthy shard of a run of three seconds.
func newShard(t *testing.T, index, of int, random *rand.Rand) *shardFixture {
	t.Helper()
	s := &shardFixture{load: reports.Load{
		Header: reports.Header{
			Tool: "imcheck 1", Started: reporttest.LogStart, DurationMs: 3400, Outcome: reports.OutcomePass,
			Environment: reports.Environment{CPUs: index},
			Target:      reports.Target{Addresses: map[string]string{"tcp": "127.0.0.1:1"}, SenseModes: map[string]string{"tcp": "3S"}},
		},
		Shard:    reports.Shard{Index: index, Of: of, Run: "abc", Clients: 10 * of, WarmupMs: 500, DurationMs: 2000},
		Scenario: "steady", Seed: 7, Clients: map[string]int{"tcp": 10}, RatePerSecond: 100, PayloadBytes: 64, RampMs: 1000, SteadyMs: 2000,
		Messages: []reports.Ledger{{Kind: "c2s", Sent: 5, Acknowledged: 5}, {Kind: "c2c", Sent: 5, Acknowledged: 5, Delivered: 5}},
		Sessions: reports.Sessions{LoggedIn: 10, PeakOnline: 10, AtEnd: 10, LostByCause: map[string]int64{}},
		Timeline: []reports.Sample{{AtMs: 1001, Online: 5, LoggedIn: 5}, {AtMs: 2000, Online: 10, LoggedIn: 5, Sent: 4, Delivered: 2}, {AtMs: 3002, Online: 10, Sent: 6, Delivered: 3}, {AtMs: 3400, Online: 10}},
	}}
	values := func(n int) *hdrhistogram.Histogram {
		h := reporttest.Histogram()
		for range n {
			if err := h.RecordValue(random.Int64N(1 << (1 + random.IntN(25)))); err != nil {
				t.Fatal(err)
			}
		}
		return h
	}
	for second := range 3 {
		s.logins = append(s.logins, values(30))
		s.lateness = append(s.lateness, values(40))
		s.timeline = append(s.timeline, values(int(s.load.Timeline[second].Delivered)))
	}
	return s
}

func sumOf(t *testing.T, histograms ...*hdrhistogram.Histogram) *hdrhistogram.Histogram {
	t.Helper()
	sum := reporttest.Histogram()
	for _, h := range histograms {
		if dropped := sum.Merge(h); dropped > 0 {
			t.Fatalf("%d values do not fit", dropped)
		}
	}
	return sum
}

// save writes the shard as a run does, and returns its folder.
func (s *shardFixture) save(t *testing.T) string {
	t.Helper()
	logins := sumOf(t, s.logins...)
	tcp, err1 := reports.NewLatency(loginTCP, logins)
	all, err2 := reports.NewLatency(loginAll, logins)
	encoded, err3 := reports.EncodeHistogram(sumOf(t, s.lateness...))
	s.load.Latencies = []reports.Latency{tcp, all}
	if s.relogins != nil && s.relogins.TotalCount() > 0 {
		tcp, err4 := reports.NewLatency(reloginTCP, s.relogins)
		all, err5 := reports.NewLatency(seriesRelogin, s.relogins)
		err3 = errors.Join(err3, err4, err5)
		s.load.Latencies = append(s.load.Latencies, tcp, all)
	}
	s.load.Generator.LatenessHistogram = encoded
	s.load.ExitCode = s.load.Outcome.ExitCode()
	dir := filepath.Join(t.TempDir(), fmt.Sprint("shard-", s.load.Shard.Index))
	logs := reports.NewHistogramLogs(filepath.Join(dir, reports.HistogramFolder))
	logs.Start(s.load.Started)
	err := errors.Join(err1, err2, err3, folder.SaveLoad(dir, &s.load))
	if s.relogins != nil && s.relogins.TotalCount() > 0 {
		err = errors.Join(err, logs.Add(reloginTCP, s.load.Started, s.load.Started.Add(time.Second), s.relogins))
	}
	for second := range s.logins {
		start := s.load.Started.Add(time.Duration(second) * time.Second)
		for series, h := range map[reports.Series]*hdrhistogram.Histogram{loginTCP: s.logins[second], lateness: s.lateness[second], timeline: s.timeline[second]} {
			if h.TotalCount() > 0 {
				err = errors.Join(err, logs.Add(series, start, start.Add(time.Second), h))
			}
		}
	}
	if err = errors.Join(err, logs.Close()); err != nil {
		t.Fatal(err)
	}
	return dir
}

// newShards returns the shards of one run.
func newShards(t *testing.T, of int) (shards []*shardFixture) {
	t.Helper()
	random := rand.New(rand.NewPCG(3, 4))
	for index := 1; index <= of; index++ {
		shards = append(shards, newShard(t, index, of, random))
	}
	return shards
}

func saveAll(t *testing.T, shards []*shardFixture) (dirs []string) {
	t.Helper()
	for _, s := range shards {
		dirs = append(dirs, s.save(t))
	}
	return dirs
}

// The whole has what a histogram has into which all values were recorded, and
// so do the logs that it writes.
func TestMergeIsTheUnion(t *testing.T) {
	shards := newShards(t, 4)
	dirs := saveAll(t, shards)
	slices.Reverse(dirs) // their order does not matter
	m, err := Loads(dirs, false)
	if err != nil {
		t.Fatal(err)
	}
	var logins, late []*hdrhistogram.Histogram
	for _, s := range shards {
		logins = append(logins, s.logins...)
		late = append(late, s.lateness...)
	}
	for i, series := range []reports.Series{loginTCP, loginAll} {
		want, err := reports.NewLatency(series, sumOf(t, logins...))
		if err != nil || m.Load.Latencies[i] != want {
			t.Errorf("row %d is %+v, want %+v, %v", i, m.Load.Latencies[i], want, err)
		}
	}
	lateAll := sumOf(t, late...)
	if g := m.Load.Generator; g.LatenessP99Us != lateAll.ValueAtPercentile(99) || g.LatenessMaxUs != lateAll.Max() || g.LatenessP50Us != lateAll.ValueAtPercentile(50) {
		t.Errorf("lateness is %+v", g)
	}
	checkMergedTimeline(t, m.Load, shards)
	out := filepath.Join(t.TempDir(), "whole")
	if err := m.Save(out); err != nil {
		t.Fatal(err)
	}
	histograms := filepath.Join(out, reports.HistogramFolder)
	for name, want := range map[string]*hdrhistogram.Histogram{"login.tcp.hlog": sumOf(t, logins...), "lateness.hlog": lateAll} {
		intervals := reporttest.ReadLog(t, filepath.Join(histograms, name))
		if len(intervals) != 3 {
			t.Errorf("%s has %d intervals, want one for each second", name, len(intervals))
		}
		var sum reports.Interval
		for _, i := range intervals {
			if err := sum.Add(i); err != nil {
				t.Fatal(err)
			}
		}
		if !sum.Histogram.Equals(want) {
			t.Errorf("%s does not add up to all %d values", name, want.TotalCount())
		}
	}
	if got, want := reporttest.Entries(t, histograms), []string{"generator_lateness.all.due.hgrm", "lateness.hlog", "login.all.due.hgrm", "login.tcp.hlog", "timeline.hlog"}; !slices.Equal(got, want) {
		t.Errorf("histograms are %q, want %q", got, want)
	}
	if b, err := reports.ReadDir(out); err != nil || b.Load.Outcome != reports.OutcomePass || len(b.Load.Shards) != 4 {
		t.Errorf("read back: %+v, %v", b.Load, err)
	}
}

// checkMergedTimeline holds each second against what the shards had in it.
func checkMergedTimeline(t *testing.T, l *reports.Load, shards []*shardFixture) {
	t.Helper()
	n := int64(len(shards))
	want := []reports.Sample{
		{AtMs: 1000, Online: 5 * n, LoggedIn: 5 * n}, {AtMs: 2000, Online: 10 * n, LoggedIn: 5 * n, Sent: 4 * n, Delivered: 2 * n},
		{AtMs: 3000, Online: 10 * n, Sent: 6 * n, Delivered: 3 * n}, {AtMs: 3400, Online: 10 * n},
	}
	for second := range shards[0].timeline {
		var delivery, late []*hdrhistogram.Histogram
		for _, s := range shards {
			delivery, late = append(delivery, s.timeline[second]), append(late, s.lateness[second])
		}
		sum := sumOf(t, delivery...)
		want[second].P50Us, want[second].P99Us = sum.ValueAtPercentile(50), sum.ValueAtPercentile(99)
		want[second].LateP99Us = sumOf(t, late...).ValueAtPercentile(99)
	}
	if !slices.Equal(l.Timeline, want) {
		t.Errorf("the timeline is\n%+v\nwant\n%+v", l.Timeline, want)
	}
}

func TestMergeAddsTheRest(t *testing.T) {
	shards := newShards(t, 2)
	// Two messages of the first shard arrived in the second one.
	shards[0].load.Messages[1].Delivered, shards[1].load.Messages[1].Delivered = 3, 7
	shards[1].load.Generator = reports.Generator{DroppedArrivals: 2, OfflineArrivals: 3, BlockedArrivals: 4, CPUSeconds: 1.5, ResidentBytes: 100, BytesPerClient: 30, GCs: 2, GCPauseTotalUs: 5, GCPauseMaxUs: 4, OpenFiles: 6}
	shards[0].load.Generator = reports.Generator{BytesPerClient: 10, GCs: 1, GCPauseTotalUs: 9, GCPauseMaxUs: 9, OpenFiles: 7}
	shards[0].load.Sessions.LostByCause["reset"] = 1
	shards[1].load.Sessions.LostByCause["reset"] = 2
	m, err := Loads(saveAll(t, shards), false)
	if err != nil {
		t.Fatal(err)
	}
	l := m.Load
	if want := []reports.Ledger{{Kind: "c2s", Sent: 10, Acknowledged: 10}, {Kind: "c2c", Sent: 10, Acknowledged: 10, Delivered: 10}}; !slices.Equal(l.Messages, want) {
		t.Errorf("messages are %+v, want %+v", l.Messages, want)
	}
	if l.Sessions.LoggedIn != 20 || l.Sessions.LostByCause["reset"] != 3 || l.Clients["tcp"] != 20 {
		t.Errorf("sessions are %+v of %v", l.Sessions, l.Clients)
	}
	if g := l.Generator; g.DroppedArrivals != 2 || g.OfflineArrivals != 3 || g.BlockedArrivals != 4 || g.CPUSeconds != 1.5 || g.ResidentBytes != 100 || g.BytesPerClient != 20 {
		t.Errorf("the generator is %+v", g)
	}
	if g := l.Generator; g.GCs != 3 || g.GCPauseTotalUs != 14 || g.GCPauseMaxUs != 9 || g.OpenFiles != 13 {
		t.Errorf("the generator is %+v", g)
	}
	if l.Outcome != reports.OutcomePass || l.DurationMs != 3400 || !l.Started.Equal(reporttest.LogStart) || l.SteadyMs != 2000 || l.Shards[1].Environment.CPUs != 2 {
		t.Errorf("the whole is %+v", l)
	}
}

// A number that is added to a model is added up as well.
func TestMergeForgetsNoNumber(t *testing.T) {
	var ledger, sumL reports.Ledger
	var sessions reports.Sessions
	sumS := reports.Sessions{LostByCause: map[string]int64{}}
	reporttest.FillHostile(reflect.ValueOf(&ledger).Elem())
	reporttest.FillHostile(reflect.ValueOf(&sessions).Elem())
	sumL.Kind = ledger.Kind
	for range 2 {
		addLedger(&sumL, ledger)
		addSessions(&sumS, sessions)
	}
	for _, v := range []reflect.Value{reflect.ValueOf(sumL), reflect.ValueOf(sumS)} {
		for i := range v.NumField() {
			if f := v.Field(i); f.CanInt() && f.Int() != 2 {
				t.Errorf("%s.%s is %d after two times 1", v.Type().Name(), v.Type().Field(i).Name, f.Int())
			}
		}
	}
	if sumS.LostByCause[reporttest.Hostile] != 2 {
		t.Errorf("lost are %v", sumS.LostByCause)
	}
}

// A shard whose clock began a second late is a second late in the timeline.
func TestMergeAlignsTimelines(t *testing.T) {
	shards := newShards(t, 2)
	shards[1].load.Started = reporttest.LogStart.Add(time.Second)
	m, err := Loads(saveAll(t, shards), false)
	if err != nil {
		t.Fatal(err)
	}
	var online, sent []int64
	for _, s := range m.Load.Timeline {
		online, sent = append(online, s.Online), append(sent, s.Sent)
	}
	if want := []int64{5, 15, 20, 20, 10}; !slices.Equal(online, want) {
		t.Errorf("online are %v, want %v", online, want)
	}
	if want := []int64{0, 4, 10, 6, 0}; !slices.Equal(sent, want) {
		t.Errorf("sent were %v, want %v", sent, want)
	}
	if m.Load.DurationMs != 4400 || m.Load.Timeline[4].AtMs != 4400 {
		t.Errorf("it took %d ms, the last second ends at %d", m.Load.DurationMs, m.Load.Timeline[4].AtMs)
	}
}

func TestMergeJudges(t *testing.T) {
	tests := []struct {
		name     string
		outcomes [3]reports.Outcome
		slow     bool  // the generator of the last shard
		missing  int64 // messages that arrived nowhere
		want     reports.Outcome
		reason   string
	}{
		{"all pass", [3]reports.Outcome{reports.OutcomePass, reports.OutcomePass, reports.OutcomePass}, false, 0, reports.OutcomePass, "none between them"},
		{"one fails", [3]reports.Outcome{reports.OutcomePass, reports.OutcomeFail, reports.OutcomeInconclusive}, false, 0, reports.OutcomeFail, "shard 2: why 2"},
		{"two fail", [3]reports.Outcome{reports.OutcomeFail, reports.OutcomeFail, reports.OutcomePass}, false, 0, reports.OutcomeFail, "shard 1: why 1; shard 2: why 2"},
		{"one is too slow", [3]reports.Outcome{reports.OutcomePass, reports.OutcomeFail, reports.OutcomeInconclusive}, true, 0, reports.OutcomeInconclusive, "shard 3: why 3"},
		{"one is unreachable", [3]reports.Outcome{reports.OutcomeUnreachable, reports.OutcomeFail, reports.OutcomeInconclusive}, true, 1, reports.OutcomeUnreachable, "shard 1: why 1"},
		{"a message arrives nowhere", [3]reports.Outcome{reports.OutcomePass, reports.OutcomePass, reports.OutcomePass}, false, 1, reports.OutcomeFail, "1 message was sent and did not arrive"},
		{"messages arrive nowhere", [3]reports.Outcome{reports.OutcomePass, reports.OutcomePass, reports.OutcomeInconclusive}, false, 2, reports.OutcomeFail, "2 messages were"},
		{"the slow one may have lost them", [3]reports.Outcome{reports.OutcomePass, reports.OutcomePass, reports.OutcomeInconclusive}, true, 2, reports.OutcomeInconclusive, "shard 3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel() // it waits for the disk
			shards := newShards(t, 3)
			for i, s := range shards {
				s.load.Outcome, s.load.Reason = test.outcomes[i], fmt.Sprintf("why %d", i+1)
			}
			shards[2].load.Generator = reports.Generator{Bottleneck: test.slow, BottleneckEvidence: "late"}
			shards[0].load.Messages[1].Delivered -= test.missing
			m, err := Loads(saveAll(t, shards), false)
			if err != nil {
				t.Fatal(err)
			}
			l := m.Load
			if l.Outcome != test.want || l.ExitCode != test.want.ExitCode() || !strings.Contains(l.Reason, test.reason) {
				t.Errorf("%s (exit %d): %s; want %s: …%s…", l.Outcome, l.ExitCode, l.Reason, test.want, test.reason)
			}
			if test.slow && l.Generator.BottleneckEvidence != "shard 3: late" {
				t.Errorf("the bottleneck is %q", l.Generator.BottleneckEvidence)
			}
		})
	}
}

// What is missing is named, and with partial the rest is not called good.
func TestMergeWithoutSomeShards(t *testing.T) {
	dirs := saveAll(t, newShards(t, 4)[1:3])
	var refused *Error
	if _, err := Loads(dirs, false); !errors.As(err, &refused) || !strings.Contains(err.Error(), "shards 1, 4 are missing (of 4)") {
		t.Errorf("got %v, want an error that names shards 1 and 4", err)
	}
	m, err := Loads(dirs, true)
	if err != nil {
		t.Fatal(err)
	}
	if l := m.Load; l.Outcome != reports.OutcomeInconclusive || !strings.HasPrefix(l.Reason, "shards 1, 4 are missing") || l.Messages[0].Sent != 10 {
		t.Errorf("%s: %s, %+v", l.Outcome, l.Reason, l.Messages)
	}
}

// A shard that never reached the target has measured nothing, and is one all
// the same.
func TestMergeWithShardThatNeverRan(t *testing.T) {
	shards := newShards(t, 2)
	gone := &shards[1].load
	gone.Timeline, gone.Messages, gone.Target.SenseModes = nil, nil, nil
	gone.Outcome, gone.Reason, gone.Started = reports.OutcomeUnreachable, "nobody answers", reporttest.LogStart.Add(-time.Minute)
	shards[1].logins, shards[1].lateness = nil, nil
	dirs := []string{shards[0].save(t), filepath.Join(t.TempDir(), "two")}
	if err := folder.SaveLoad(dirs[1], gone); err != nil {
		t.Fatal(err)
	}
	m, err := Loads(dirs, false)
	if err != nil {
		t.Fatal(err)
	}
	if l := m.Load; l.Outcome != reports.OutcomeUnreachable || l.Reason != "shard 2: nobody answers" || !l.Started.Equal(reporttest.LogStart) || len(l.Timeline) != 4 {
		t.Errorf("%s: %s, from %v, %d seconds", l.Outcome, l.Reason, l.Started, len(l.Timeline))
	}
}

// Text and page show the shards of a merged run, and a shard says that it is one.
func TestShardsAreShown(t *testing.T) {
	shards := newShards(t, 2)
	shards[1].load.Outcome, shards[1].load.Reason = reports.OutcomeFail, "1 session was lost"
	m, err := Loads(saveAll(t, shards), false)
	if err != nil {
		t.Fatal(err)
	}
	whole := textOf(t, m.Load)
	for _, want := range []string{"2 shards: 20 clients", "FAIL     1 session was lost"} {
		if !strings.Contains(whole, want) {
			t.Errorf("the summary lacks %q:\n%s", want, whole)
		}
	}
	if one := textOf(t, &shards[1].load); !strings.Contains(one, "shard 2 of 2: 10 clients") {
		t.Errorf("the summary of a shard is\n%s", one)
	}
}

func textOf(t *testing.T, l *reports.Load) string {
	t.Helper()
	return string(reporttest.Rendered(t, func(w io.Writer) error { return text.WriteLoad(w, l, text.Options{}) }))
}
