package diff

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"imcheck/reports"
	"imcheck/reports/folder"
	"imcheck/reports/internal/reporttest"
	"imcheck/reports/words"
)

func comparisonPage(t *testing.T, d *Diff, dir string) string {
	t.Helper()
	return string(reporttest.Rendered(t, func(w io.Writer) error { return WriteHTML(w, d, dir) }))
}

// A page says in its first lines that something has become worse, what, and why.
func TestPageVerdict(t *testing.T) {
	html := comparisonPage(t, exampleDiff(t), ".")
	for _, want := range []string{
		"<title>REGRESSED comparison</title>",
		"✗</span> REGRESSED <span class=\"summary\">3 cases, 1 measured time, the outcome of the load, 1 latency percentile, 1 count of messages<",
		"<strong>heartbeat/expiry [tcp in 3S]</strong> failed in 2 of 2 rounds (after 8s), before passed in 2 of 2 rounds",
		"<strong>login/gone [tcp in 3S]</strong> gone, before pass",
		"<strong>outcome of the load</strong> fail, was pass",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	d := compareRuns(t, reporttest.Conformance(verdicts(reports.Pass)...), reporttest.Conformance(verdicts(reports.Pass)...))
	if html := comparisonPage(t, d, "."); !strings.Contains(html, "✓</span> NO REGRESSION") || strings.Contains(html, "What has become worse") {
		t.Error("two runs that are the same have no good verdict")
	}
}

func TestWorseLatencies(t *testing.T) {
	row := func(kind reports.LatencyKind, transport string, percentile float64, j Judgement) Latency {
		return Latency{Kind: kind, Transport: transport, Percentile: percentile, OldUs: 1000, NewUs: 9000, Judgement: j}
	}
	l := &Load{Latencies: []Latency{
		row("login", "all", 50, Held), row("login", "all", 99, Noise), row("login", "ws", 99, Regressed),
		row("c2c_ack", "all", 50, Regressed), row("c2c_ack", "all", 99, Regressed), row("c2c_ack", "tcp", 99, Regressed), row("c2c_ack", "udp", 99, Held),
	}}
	want := []worseLine{
		{"login [ws]", "p99 9.00 ms, was 1.00 ms"},
		{"c2c ack", "p50 9.00 ms, was 1.00 ms; p99 9.00 ms, was 1.00 ms; likewise on tcp"},
	}
	if got := l.worse(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	var shown []string
	for _, row := range l.totals() {
		shown = append(shown, string(row.Kind)+" "+row.Transport+" "+words.Trimmed(row.Percentile))
	}
	if want := []string{"login all 50", "login all 99", "login ws 99", "c2c_ack all 50", "c2c_ack all 99"}; !slices.Equal(shown, want) {
		t.Errorf("shown at once are %q, want %q", shown, want)
	}
}

// Of many regressions of a kind some are named, so that those of another are seen too.
func TestWorseNamesSomeOfEachKind(t *testing.T) {
	d := &Diff{Conformance: &Conformance{}, Load: &Load{OutcomeRegress: true, OldOutcome: reports.OutcomePass, NewOutcome: reports.OutcomeFail}}
	for i := range maxWorse + 2 {
		d.Conformance.Changes = append(d.Conformance.Changes, CaseChange{Case: fmt.Sprintf("a/%d", i), Transport: "tcp", Change: ChangeRegressed, Regression: true, Old: reports.Pass, New: reports.Fail})
	}
	for range maxWorse + 1 {
		d.Conformance.Drifts = append(d.Conformance.Drifts, TimingDrift{Name: "expiry", Judgement: Regressed})
	}
	lines := d.worse()
	if len(lines) != 2*maxWorse+3 { // one more of two kinds, and the outcome
		t.Errorf("%d lines: %q", len(lines), lines)
	}
	if got := lines[maxWorse]; got != (worseLine{Why: "and 2 more cases, below"}) {
		t.Errorf("got %q", got)
	}
	if got := lines[len(lines)-1]; got != (worseLine{"outcome of the load", "fail, was pass"}) {
		t.Errorf("got %q", got)
	}
}

// Both runs' curves are drawn, and each of their seconds.
func TestPageDrawsBothRuns(t *testing.T) {
	quick, slow := recordedFolder(t, 100), recordedFolder(t, 9000)
	b, err := reports.ReadDir(slow)
	if err != nil {
		t.Fatal(err)
	}
	b.Load.Timeline = []reports.Sample{{AtMs: 1000, P99Us: 900}, {AtMs: 2000}, {AtMs: 3000, P99Us: 800}}
	if err := folder.SaveLoad(slow, b.Load); err != nil {
		t.Fatal(err)
	}
	d, err := Dirs(quick, slow, DefaultBounds)
	if err != nil {
		t.Fatal(err)
	}
	html := comparisonPage(t, d, quick)
	for _, title := range []string{"p99 of each second", "c2c ack"} {
		if !strings.Contains(html, "<figcaption>"+title+"</figcaption>") {
			t.Errorf("there is no chart %q", title)
		}
	}
	if n := strings.Count(html, `<svg class="plot"`); n != 2 {
		t.Errorf("%d charts", n)
	}
	if n := strings.Count(html, "stroke-dasharray"); n == 0 {
		t.Error("the old run is not told apart without colour")
	}
	d.loads = nil // as after it was read from JSON
	if html := comparisonPage(t, d, quick); strings.Contains(html, "<figure") || !strings.Contains(html, "Latencies since due") {
		t.Error("a comparison without curves is not shown without them")
	}
}

// A histogram that cannot be decoded costs the fineness of a curve, nothing else.
func TestQuantilesWithoutHistogram(t *testing.T) {
	l := reports.Latency{Count: 10, MinUs: 1, P50Us: 2, P90Us: 3, P99Us: 4, P999Us: 5, MaxUs: 6, Histogram: "broken"}
	if got := quantilesOf(l); len(got) != 6 || got[0].Microseconds != 1 || got[5].Microseconds != 6 || got[5].Share != 1 {
		t.Errorf("got %v", got)
	}
	h, err := reports.EncodeHistogram(reporttest.Histogram(10, 20, 30, 40))
	if err != nil {
		t.Fatal(err)
	}
	l.Histogram = h
	got := quantilesOf(l)
	if last := got[len(got)-1]; last.Share != 1 || last.Microseconds != 40 || len(got) < 4 {
		t.Errorf("got %v", got)
	}
	if got := quantilesOf(reports.Latency{}); got != nil {
		t.Errorf("a latency without values has %v", got)
	}
}

// The pages of the runs are linked where they are, seen from where the page will be.
func TestPageLinks(t *testing.T) {
	root := t.TempDir()
	old, new := filepath.Join(root, "old"), filepath.Join(root, "new")
	for _, dir := range []string{old, new} {
		if err := folder.SaveConformance(dir, reporttest.Conformance(reporttest.Stays)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(filepath.Join(new, reports.HTMLFile)); err != nil {
		t.Fatal(err)
	}
	d, err := Dirs(old, new, DefaultBounds)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ dir, want string }{
		{root, "./old/report.html"}, {filepath.Join(root, "compared"), "../old/report.html"}, {old, "./report.html"},
	} {
		var links []string
		for _, match := range reporttest.Href.FindAllStringSubmatch(comparisonPage(t, d, test.dir), -1) {
			links = append(links, match[1])
		}
		if !slices.Equal(links, []string{test.want}) {
			t.Errorf("in %s: got %q, want %q and no link to the page that is missing", test.dir, links, test.want)
		}
	}
}

func TestChangesOnSeveralTransportsAreOne(t *testing.T) {
	change := func(id, transport string, new reports.Verdict) CaseChange {
		return CaseChange{Case: id, Transport: transport, SenseMode: "3S", Change: ChangeRegressed, Regression: true, Old: reports.Pass, New: new, Reason: "why " + transport}
	}
	var got []string
	for _, c := range JoinTransports([]CaseChange{change("a", "udp", reports.Fail), change("a", "tcp", reports.Fail), change("a", "ws", reports.Error), change("b", "tcp", reports.Fail)}) {
		got = append(got, c.Name()+" "+c.worse())
	}
	want := []string{"a [udp, tcp in 3S] fail (why udp), before pass", "a [ws in 3S] error (why ws), before pass", "b [tcp in 3S] fail (why tcp), before pass"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
