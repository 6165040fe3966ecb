package junit_test

import (
	"bytes"
	"testing"

	reader "github.com/joshdk/go-junit"

	"imcheck/reports"
	"imcheck/reports/checks"
	"imcheck/reports/internal/reporttest"
	"imcheck/reports/junit"
)

// TestJUnitIsReadByOthers has a reader that knows nothing of the writer read a
// run with known failures: what it makes of each testcase is what a continuous
// integration would.
func TestJUnitIsReadByOthers(t *testing.T) {
	c := reporttest.Model(t, "fail").Conformance
	var document bytes.Buffer
	if err := junit.Write(&document, checks.OfConformance(c)); err != nil {
		t.Fatal(err)
	}
	suites, err := reader.Ingest(document.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if len(suites) != 1 {
		t.Fatalf("%d suites, want 1", len(suites))
	}
	got := map[string]reader.Test{}
	for _, test := range suites[0].Tests {
		got[test.Name] = test
	}
	for _, r := range c.Results {
		test, there := got[r.Case+" ["+r.Transport+"]"]
		if !there {
			t.Errorf("%s on %s is not among the testcases", r.Case, r.Transport)
			continue
		}
		if test.Status != statusOf(r.Verdict) || test.Classname != "imcheck."+r.Area() {
			t.Errorf("%s: status %q, class %q; the verdict is %s", test.Name, test.Status, test.Classname, r.Verdict)
		}
		if r.Verdict == reports.Fail && (test.Message != r.Reason || test.Error == nil) {
			t.Errorf("%s: message %q, error %v; want %q", test.Name, test.Message, test.Error, r.Reason)
		}
	}
	if totals := suites[0].Totals; totals.Tests != len(c.Results) || totals.Failed == 0 || totals.Error == 0 || totals.Skipped == 0 {
		t.Errorf("totals %+v of %d results", totals, len(c.Results))
	}
}

func statusOf(v reports.Verdict) reader.Status {
	switch v {
	case reports.Pass, reports.Warn:
		return reader.StatusPassed
	case reports.Fail, reports.UnexpectedPass:
		return reader.StatusFailed
	case reports.Error:
		return reader.StatusError
	}
	return reader.StatusSkipped
}
