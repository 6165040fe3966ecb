package suite

import (
	"errors"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"imcheck/harness/transport/record"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// reportOf builds the report of what catalogue's cases came to, one verdict each.
func reportOf(change func(*ReportOptions), verdicts ...reports.Verdict) *reports.Conformance {
	o := ReportOptions{
		End: Servers, Catalogue: catalogue(), Rounds: 1, Started: time.Now(),
		Trace: func(f Finished) string { return "trace of " + f.Item.ID },
		Rerun: func(f Finished) string { return "run " + f.Item.ID },
	}
	if change != nil {
		change(&o)
	}
	var finished []Finished
	for i, verdict := range verdicts {
		item := Item{o.Catalogue[i], wire.TCP}
		f := Finished{Item: item, Result: resultOf(item), Trace: make([]record.Entry, transcriptTail+1)}
		f.Result.Verdict = verdict
		if verdict == reports.Inconclusive {
			f.Trouble = "no luck"
		}
		finished = append(finished, f)
	}
	return Report(finished, o)
}

// A case that did not pass has its evidence, one that passed the place of its trace.
func TestReportHasEvidence(t *testing.T) {
	c := reportOf(nil, reports.Pass, reports.Fail)
	passed, failed := c.Results[0], c.Results[1]
	if passed.Trace != "trace of login/accepted" || passed.Rerun != "" || len(passed.Transcript) > 0 {
		t.Errorf("the case that passed: %+v", passed)
	}
	if failed.Trace != "trace of login/refused" || failed.Rerun != "run login/refused" || len(failed.Transcript) != transcriptTail {
		t.Errorf("the case that failed: %+v", failed)
	}
	if c.Outcome != reports.OutcomeFail || c.Counts[reports.Pass] != 1 || c.Counts[reports.Fail] != 1 || len(c.Requirements) != len(Requirements()) {
		t.Errorf("%s, %v, %d requirements", c.Outcome, c.Counts, len(c.Requirements))
	}
}

// Skipped cases are next to the others of their area, in the order of the catalogue.
func TestReportOrdersByArea(t *testing.T) {
	c := reportOf(func(o *ReportOptions) {
		o.Skipped = []Skipped{{Item{o.Catalogue[3], wire.TCP}, LeftOut, "why"}, {Item{o.Catalogue[0], wire.UDP}, TooLong, "why"}}
	}, reports.Pass, reports.Pass, reports.Pass)
	var order []string
	for _, r := range c.Results {
		order = append(order, r.Case+" "+string(r.Verdict))
	}
	want := []string{"login/accepted pass", "login/refused pass", "login/accepted skipped", "qos/memory pass", "framing/split skipped"}
	if !slices.Equal(order, want) {
		t.Errorf("got %q, want %q", order, want)
	}
}

// What this machine did not give is named once, and is never a failure of the target.
func TestReportNamesTroubles(t *testing.T) {
	c := reportOf(func(o *ReportOptions) { o.Throttled = time.Second }, reports.Inconclusive, reports.Inconclusive)
	if want := []string{"no luck", "the CPU quota of its container kept imcheck's threads from running for 1.0 s in all"}; !slices.Equal(c.Troubles, want) {
		t.Errorf("got %q, want %q", c.Troubles, want)
	}
	few := &os.PathError{Op: "open", Err: syscall.EMFILE}
	for name, change := range map[string]func(*ReportOptions){
		"an error of the system": func(o *ReportOptions) { o.Err = few },
		"an error of the caller": func(o *ReportOptions) { o.Err, o.LocalCause = errors.New("not enough"), "not enough" },
	} {
		if c := reportOf(change); c.Outcome != reports.OutcomeInconclusive {
			t.Errorf("%s: %s, %q", name, c.Outcome, c.Reason)
		}
	}
	if c := reportOf(func(o *ReportOptions) { o.Err = errors.New("gone") }, reports.Pass); c.Outcome != reports.OutcomeUnreachable || c.Reason != "gone" {
		t.Errorf("%s, %q", c.Outcome, c.Reason)
	}
}
