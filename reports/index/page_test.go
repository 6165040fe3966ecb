package index

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/internal/reporttest"
	"imcheck/reports/text"
)

func indexOf(t *testing.T, runs []Run, dir string) string {
	t.Helper()
	return string(reporttest.Rendered(t, func(w io.Writer) error { return WriteHTML(w, runs, dir) }))
}

func TestGolden(t *testing.T) {
	root, dirs := runFolders(t)
	runs := readRuns(t, dirs)
	reporttest.Golden(t, reporttest.Bare([]byte(indexOf(t, runs, root))), "golden", "index.html")
	for i := range runs { // as a user in the folder above would name them
		runs[i].Folder = runName(root, runs[i].Folder)
	}
	text := reporttest.Rendered(t, func(w io.Writer) error { return WriteText(w, runs, text.Options{}) })
	reporttest.Golden(t, text, "golden", "index.txt")
}

func TestNeedsARun(t *testing.T) {
	if err := WriteHTML(io.Discard, nil, "."); err == nil {
		t.Error("an empty index was written")
	}
}

// Links lead to the pages of the runs and to the groups of this page, nowhere else.
func TestPageLinks(t *testing.T) {
	root, dirs := runFolders(t)
	html := indexOf(t, readRuns(t, dirs), root)
	seen := map[string]bool{}
	for _, match := range reporttest.Href.FindAllStringSubmatch(html, -1) {
		link := match[1]
		seen[link] = true
		switch anchor, isAnchor := strings.CutPrefix(link, "#"); {
		case isAnchor && !strings.Contains(html, `id="`+anchor+`"`):
			t.Errorf("%s leads nowhere", link)
		case !isAnchor && (!strings.HasPrefix(link, "./") || !strings.HasSuffix(link, "/report.html")):
			t.Errorf("%s is no page of a run", link)
		}
	}
	for _, want := range []string{"./run-1/report.html", "./run-2/report.html", "./run%203%23%3F%2541/report.html", "./load/report.html", "./repeated/report.html"} {
		if !seen[want] {
			t.Errorf("there is no link to %s among %v", want, seen)
		}
	}
}

func TestGroupsAreOfWhatCanBeCompared(t *testing.T) {
	_, dirs := runFolders(t)
	var got []string
	for _, g := range groupRuns(readRuns(t, dirs)) {
		var names []string
		for _, run := range g.runs {
			names = append(names, runName(dirs[0]+"/..", run.Folder))
		}
		got = append(got, g.kind+": "+strings.Join(names, ", "))
	}
	want := []string{
		"conformance: run-1, run-2, run 3#?%41",
		"load: run-1, load, run 3#?%41",
		"conformance: repeated",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Each of these keeps two runs apart.
func TestGroupKeys(t *testing.T) {
	for name, change := range map[string]func(c *reports.Conformance, l *reports.Load){
		"target": func(c *reports.Conformance, l *reports.Load) { c.Target.Name, l.Target.Name = "other", "other" },
		"sense mode": func(c *reports.Conformance, l *reports.Load) {
			c.Target.SenseModes, l.Target.SenseModes = map[string]string{"tcp": "9S"}, nil
		},
		"selection, scenario": func(c *reports.Conformance, l *reports.Load) {
			c.Command, l.Scenario = append(c.Command, "--skip", "x"), "other"
		},
		"path, in flight": func(c *reports.Conformance, l *reports.Load) {
			c.Impairment, l.InFlight = reporttest.Impaired(7, "udp: drop=4%"), 9
		},
		"rounds, rate": func(c *reports.Conformance, l *reports.Load) { c.Rounds, l.RatePerSecond = 9, 9 },
	} {
		t.Run(name, func(t *testing.T) {
			c, l := reporttest.Conformance(reporttest.Stays), reporttest.Load(1000)
			change(c, l)
			same := []Run{{Folder: "a", Conformance: reporttest.Conformance(reporttest.Stays), Load: reporttest.Load(1)}, {Folder: "b", Conformance: reporttest.Conformance(reporttest.Stays), Load: reporttest.Load(2)}}
			if n := len(groupRuns(same)); n != 2 {
				t.Fatalf("%d groups of runs that can be compared", n)
			}
			if n := len(groupRuns(append(same, Run{Folder: "c", Conformance: c, Load: l}))); n != 4 {
				t.Errorf("%d groups, want 4", n)
			}
		})
	}
	moved := reporttest.Conformance(reporttest.Stays)
	moved.Target.Addresses = map[string]string{"tcp": "127.0.0.1:99"}
	moved.Target.Version = "2"
	if n := len(groupRuns([]Run{{Folder: "a", Conformance: reporttest.Conformance(reporttest.Stays)}, {Folder: "b", Conformance: moved}})); n != 1 {
		t.Errorf("another address and version makes %d groups", n)
	}
}

func TestChangesBetweenRuns(t *testing.T) {
	conformance := func(results ...reports.Result) Run {
		return Run{Conformance: reporttest.Conformance(append(results, reporttest.Stays)...)}
	}
	on := func(transport string, v reports.Verdict) reports.Result {
		return reports.Result{Case: "login/a", Transport: transport, Verdict: v}
	}
	load := func(us int64, change func(*reports.Load)) Run {
		l := reporttest.Load(us)
		change(l)
		return Run{Load: l}
	}
	none := func(*reports.Load) {}
	tests := []struct {
		name          string
		before, after Run
		short         string
		items         string
	}{
		{"nothing", conformance(on("tcp", reports.Pass)), conformance(on("tcp", reports.Pass)), "as before", ""},
		{"a failure", conformance(on("tcp", reports.Pass)), conformance(on("tcp", reports.Fail)), "1 newly failing", "login/a [tcp]"},
		{"on two transports", conformance(on("tcp", reports.Pass), on("udp", reports.Pass)), conformance(on("tcp", reports.Fail), on("udp", reports.Fail)), "2 newly failing", "login/a [udp, tcp]"},
		{"mended", conformance(on("tcp", reports.Fail)), conformance(on("tcp", reports.Pass)), "1 fixed", "login/a [tcp]"},
		{"gone", conformance(on("tcp", reports.Pass)), conformance(), "1 gone", "login/a [tcp]"},
		{"otherwise", conformance(on("tcp", reports.Pass)), conformance(on("tcp", reports.Inconclusive)), "1 changed", "login/a [tcp] inconclusive, was pass"},
		{"a drift", conformance(reporttest.Expiry(1, 7000)...), conformance(reporttest.Expiry(1, 7100)...), "1 time drifted", "expiry [tcp] 7.100 s, was 7.000 s"},
		{"a load as before", load(1000, none), load(1999, none), "as before", ""}, // less than a millisecond
		{"slower", load(1000, none), load(3000, none), "2 latencies slower", "c2c ack p50 3.00 ms, was 1.00 ms|c2c ack p99 3.00 ms, was 1.00 ms"},
		{"faster", load(3000, none), load(1000, none), "2 latencies faster", "c2c ack p50 1.00 ms, was 3.00 ms|c2c ack p99 1.00 ms, was 3.00 ms"},
		{"the generator's own doing", load(1000, none), load(9000, func(l *reports.Load) { l.Generator.Bottleneck = true; l.Outcome = reports.OutcomeInconclusive }), "1 outcome changed", "INCONCLUSIVE, was PASS"},
		{"losses", load(1000, none), load(1000, func(l *reports.Load) { l.Messages[0].Lost = 5 }), "5 more messages lost or missing", "15, was 10"},
		{"fewer losses", load(1000, none), load(1000, func(l *reports.Load) { l.Messages[0].Missing = 9 }), "1 fewer message lost or missing", "9, was 10"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			g := runGroup{kind: reports.KindConformance}
			if test.before.Load != nil {
				g.kind = reports.KindLoad
			}
			lines := g.changesBetween(test.before, test.after)
			var items []string
			for _, line := range lines {
				items = append(items, line.Items...)
			}
			if short := shortChanges(lines); short != test.short || strings.Join(items, "|") != test.items {
				t.Errorf("got %q: %q", short, items)
			}
		})
	}
}

func TestChangesNameSome(t *testing.T) {
	var before, after []reports.Result
	for _, id := range strings.Split("a b c d e f g h i j", " ") {
		before = append(before, reports.Result{Case: "x/" + id, Transport: "tcp", Verdict: reports.Pass})
		after = append(after, reports.Result{Case: "x/" + id, Transport: "tcp", Verdict: reports.Fail})
	}
	lines := runGroup{kind: reports.KindConformance}.changesBetween(Run{Conformance: reporttest.Conformance(before...)}, Run{Conformance: reporttest.Conformance(after...)})
	if len(lines) != 1 || len(lines[0].Items) != maxChangeItems || lines[0].More != 10-maxChangeItems || lines[0].Label() != "10 newly failing" {
		t.Errorf("got %+v", lines)
	}
}

func TestTrends(t *testing.T) {
	measured := func(v float64) *reports.Conformance {
		return reporttest.Conformance(append(reporttest.Expiry(1, v, v+2, v+1), reporttest.Stays, reports.Result{Case: "heartbeat/expiry", Transport: "udp", Verdict: reports.Pass,
			Measurements: []reports.Measurement{{Name: "expiry: gone", Rule: reports.RuleBracket, Value: 10_100, Lower: 10_000, Upper: 10_100}}})...)
	}
	unmeasured := reporttest.Conformance(reporttest.Stays, reports.Result{Case: "login/b", Transport: "tcp", Verdict: reports.Warn})
	g := groupRuns([]Run{{Folder: "a", Conformance: measured(7000)}, {Folder: "b", Conformance: unmeasured}, {Folder: "c", Conformance: measured(7100)}})[0]
	want := content.Table{Titles: []string{"run", "started (UTC)", " passed", " failed", " warned", " drift tcp"}}
	for _, row := range [][]string{{"c", "5", "0", "0", "+101 ms"}, {"b", "1", "0", "1", "–"}, {"a", "5", "0", "0", "+1.00 ms"}} {
		want.AddText(append([]string{row[0], "0001-01-01 00:00:00"}, row[1:]...)...)
	}
	if got := g.figures(g.trends(), "."); !sameTable(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}

	slow, none := reporttest.Load(2000), reporttest.Load(1000)
	none.Latencies, none.Messages = nil, nil
	slow.Generator.BytesPerClient = 2048
	g = groupRuns([]Run{{Folder: "a", Load: none}, {Folder: "b", Load: slow}})[0]
	want = content.Table{Titles: []string{"run", "started (UTC)", " c2c ack p50", " c2c ack p99", " c2c delivered", " memory a client"}}
	want.AddText("b", "0001-01-01 00:00:00", "2.00 ms", "2.00 ms", "99 /s", "2.00 KiB")
	want.AddText("a", "0001-01-01 00:00:00", "–", "–", "–", "–")
	if got := g.figures(g.trends(), "."); !sameTable(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func sameTable(a, b content.Table) bool {
	return slices.Equal(a.Titles, b.Titles) && slices.EqualFunc(a.Rows, b.Rows, slices.Equal[[]content.Cell])
}

// A single run has no trend, and is shown all the same.
func TestPageOfOneRun(t *testing.T) {
	_, dirs := runFolders(t)
	html := indexOf(t, readRuns(t, dirs[:1]), dirs[0])
	if strings.Contains(html, "<figure") || !strings.Contains(html, "nothing to compare them with yet") {
		t.Error("it has trends of one run")
	}
	if !strings.Contains(html, `href="./report.html">run-1<`) {
		t.Error("its page is not linked")
	}
}

// Of many runs the newest are shown at once, and all are there.
func TestPageOfManyRuns(t *testing.T) {
	var runs []Run
	for i := range shownRuns + 2 {
		c := reporttest.Conformance(reporttest.Stays)
		c.Started = indexStart.Add(-time.Duration(i) * time.Hour)
		runs = append(runs, Run{Folder: fmt.Sprintf("run-%d", i), Conformance: c})
	}
	newer, older, folded := strings.Cut(indexOf(t, runs, "."), "<summary>2 earlier runs</summary>")
	if !folded {
		t.Fatal("no run is folded away")
	}
	for i, run := range runs {
		where := newer
		if i >= shownRuns {
			where = older
		}
		if !strings.Contains(where, run.Folder+"<br>") {
			t.Errorf("%s is not where it belongs", run.Folder)
		}
	}
}

func TestPageDrawsTrends(t *testing.T) {
	root, dirs := runFolders(t)
	html := indexOf(t, readRuns(t, dirs), root)
	for _, title := range []string{"Cases that passed", "Other verdicts", "Latency: login", "Latency: c2c delivery", "Throughput", "Memory a client"} {
		if !strings.Contains(html, "<figcaption>"+title) {
			t.Errorf("there is no chart %q", title)
		}
	}
	if charts, drawn := strings.Count(html, "<figure"), strings.Count(html, `<svg class="plot"`); charts == 0 || charts != drawn {
		t.Errorf("%d of %d charts are drawn", drawn, charts)
	}
}
