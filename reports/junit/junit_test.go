package junit

import (
	"encoding/xml"
	"io"
	"slices"
	"strings"
	"testing"

	"imcheck/reports"
	"imcheck/reports/checks"
	"imcheck/reports/internal/reporttest"
)

func junitOf(t *testing.T, c *reports.Conformance) parsedSuite {
	t.Helper()
	return parseJUnit(t, reporttest.Rendered(t, func(w io.Writer) error { return Write(w, checks.OfConformance(c)) }))
}

func TestJUnitVerdicts(t *testing.T) {
	const reason = "the reason"
	type marks struct{ failure, err, skipped string }
	tests := map[reports.Verdict]marks{
		reports.Pass:         {},
		reports.Fail:         {failure: reason},
		reports.Error:        {err: reason},
		reports.Warn:         {},
		reports.Inconclusive: {skipped: "inconclusive: " + reason},
		reports.NotSupported: {skipped: "not supported: " + reason},
		reports.Skipped:      {skipped: "skipped: " + reason},

		reports.ExpectedFailure: {skipped: "expected failure: " + reason},
		reports.UnexpectedPass:  {failure: reason},
	}
	message := func(m *parsedMessage) string {
		if m == nil {
			return ""
		}
		return m.Message
	}
	for _, v := range reports.Verdicts {
		t.Run(string(v), func(t *testing.T) {
			want, known := tests[v]
			if !known {
				t.Fatalf("the table lacks %q", v)
			}
			suite := junitOf(t, &reports.Conformance{
				Header:  reports.Header{Outcome: reports.OutcomePass},
				Results: []reports.Result{{Case: "qos/ack", Transport: "udp", Verdict: v, Reason: reason, DurationMs: 1250}},
			})
			c := suite.Cases[0]
			if got := (marks{message(c.Failure), message(c.Error), message(c.Skipped)}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if c.Name != "qos/ack [udp]" || c.Class != "imcheck.qos" || c.Time != 1.25 {
				t.Errorf("name %q, class %q, time %v", c.Name, c.Class, c.Time)
			}
			if warned := strings.Contains(c.SystemOut, reason); warned != (v == reports.Warn) {
				t.Errorf("system-out %q", c.SystemOut)
			}
		})
	}
}

func TestJUnitCounts(t *testing.T) {
	c := reporttest.Model(t, "fail").Conformance
	suite := junitOf(t, c)
	want := parsedSuite{Tests: 22, Failures: 2, Errors: 2, Skipped: 5}
	if suite.Tests != want.Tests || suite.Failures != want.Failures || suite.Errors != want.Errors || suite.Skipped != want.Skipped {
		t.Errorf("got %d tests, %d failures, %d errors, %d skipped, want %+v", suite.Tests, suite.Failures, suite.Errors, suite.Skipped, want)
	}
	if len(suite.Cases) != len(c.Results) {
		t.Errorf("%d testcases for %d results", len(suite.Cases), len(c.Results))
	}
}

// The evidence of a failure is in its text.
func TestJUnitEvidence(t *testing.T) {
	for _, c := range junitOf(t, reporttest.Model(t, "fail").Conformance).Cases {
		if c.Name != "session/expiry [udp]" {
			continue
		}
		for _, part := range []string{"MUST, §3", "error 301 to a keep-alive", "20.318 s", `"type":52`, "--case session/expiry"} {
			if !strings.Contains(c.Failure.Text, part) {
				t.Errorf("the failure does not say %q", part)
			}
		}
		return
	}
	t.Error("the testcase is missing")
}

// A run that did not pass is never green, even when no case failed.
func TestJUnitRunWithoutFailedCase(t *testing.T) {
	warning := []reports.Result{{Case: "a/b", Transport: "udp", Verdict: reports.Warn}}
	tests := map[string]struct {
		outcome          reports.Outcome
		results          []reports.Result
		failures, errors int
	}{
		"nothing was reached":   {reports.OutcomeUnreachable, nil, 0, 1},
		"warnings count":        {reports.OutcomeFail, warning, 1, 0},
		"a pass with a warning": {reports.OutcomePass, warning, 0, 0},
		"inconclusive":          {reports.OutcomeInconclusive, nil, 0, 0},
		"a case tells it": {reports.OutcomeFail, []reports.Result{{Case: "a/b", Transport: "udp", Verdict: reports.Fail}},
			1, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			suite := junitOf(t, &reports.Conformance{Header: reports.Header{Outcome: test.outcome, Reason: "why"}, Results: test.results})
			if suite.Failures != test.failures || suite.Errors != test.errors {
				t.Errorf("%d failures and %d errors, want %d and %d", suite.Failures, suite.Errors, test.failures, test.errors)
			}
		})
	}
}

func TestJUnitRepeatedCasesHaveTheirOwnNames(t *testing.T) {
	again := reports.Result{Case: "a/b", Transport: "udp", Verdict: reports.Pass}
	third := again
	third.Round = 3
	suite := junitOf(t, &reports.Conformance{Header: reports.Header{Outcome: reports.OutcomePass}, Results: []reports.Result{again, again, third}})
	for i, want := range []string{"a/b [udp]", "a/b [udp] (2)", "a/b [udp] round 3"} {
		if got := suite.Cases[i].Name; got != want {
			t.Errorf("name %q instead of %q", got, want)
		}
	}
}

// A list of expected failures that is out of date is a failure like any other.
func TestJUnitProblems(t *testing.T) {
	c := &reports.Conformance{
		Header:   reports.Header{Outcome: reports.OutcomeFail, Reason: "the list is out of date"},
		Results:  []reports.Result{{Case: "a/b", Transport: "udp", Verdict: reports.Pass}},
		Problems: []string{"line 1 expired", "line 2 is stale"},
	}
	suite := junitOf(t, c)
	if suite.Tests != 2 || suite.Failures != 1 || suite.Cases[1].Failure == nil || suite.Cases[1].Failure.Message != "line 1 expired\nline 2 is stale" {
		t.Errorf("got %+v", suite)
	}
}

// The finding of an INFO case is reported, and the case passes.
func TestJUnitInfo(t *testing.T) {
	c := junitOf(t, reporttest.Model(t, "known").Conformance).Cases
	i := slices.IndexFunc(c, func(c parsedCase) bool { return c.Name == "framing/largest-datagram [udp]" })
	if i < 0 || c[i].Failure != nil || c[i].Skipped != nil || !strings.HasPrefix(c[i].SystemOut, "info: looked for") {
		t.Errorf("got %+v", c)
	}
}

func TestJUnitGolden(t *testing.T) {
	for _, name := range reporttest.Models {
		t.Run(name, func(t *testing.T) {
			b := reporttest.Model(t, name)
			var run checks.Run
			if b.Load != nil {
				run = checks.OfLoad(b.Load)
			} else {
				run = checks.OfConformance(b.Conformance)
			}
			got := reporttest.Rendered(t, func(w io.Writer) error { return Write(w, run) })
			reporttest.Golden(t, got, "golden", name+".junit.xml")
		})
	}
}

// A parser reads the hostile text back, with escapes in place of what a reader
// would obey or not see. XML holds the name of a case, which is ours, as it is.
func TestJUnitEscapesEverything(t *testing.T) {
	b := reporttest.HostileBundle()
	suite := parseJUnit(t, reporttest.Rendered(t, func(w io.Writer) error { return Write(w, checks.OfConformance(b.Conformance)) }))
	name := strings.NewReplacer("\x1b", "\uFFFD", "\x00", "\uFFFD").Replace(reporttest.Hostile)
	want := strings.NewReplacer("\x1b", `\x1b`, "\x00", `\x00`, "\u202e", `\u202e`).Replace(reporttest.Hostile)
	for _, c := range suite.Cases {
		if !strings.HasPrefix(c.Name, name+" [") && c.Name != "expected failures" {
			t.Errorf("name %q", c.Name)
		}
		if c.Failure != nil && c.Failure.Message != want {
			t.Errorf("message %q, want %q", c.Failure.Message, want)
		}
	}
}

// parsedSuite is a suite as a continuous integration reads it, independent of the
// types that wrote it.
type parsedSuite struct {
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Cases    []parsedCase `xml:"testcase"`
}

type parsedCase struct {
	Name      string         `xml:"name,attr"`
	Class     string         `xml:"classname,attr"`
	Time      float64        `xml:"time,attr"`
	Failure   *parsedMessage `xml:"failure"`
	Error     *parsedMessage `xml:"error"`
	Skipped   *parsedMessage `xml:"skipped"`
	SystemOut string         `xml:"system-out"`
}

type parsedMessage struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

func parseJUnit(t *testing.T, text []byte) parsedSuite {
	t.Helper()
	var parsed struct {
		XMLName xml.Name      `xml:"testsuites"`
		Suites  []parsedSuite `xml:"testsuite"`
	}
	if err := xml.Unmarshal(text, &parsed); err != nil {
		t.Fatal(err)
	}
	if len(parsed.Suites) != 1 {
		t.Fatalf("%d suites, want 1", len(parsed.Suites))
	}
	return parsed.Suites[0]
}

func TestJUnitOnFullDisk(t *testing.T) {
	c := reporttest.Model(t, "fail").Conformance
	reporttest.FailsOnFullDisk(t, map[string]func(io.Writer) error{
		"JUnit": func(w io.Writer) error { return Write(w, checks.OfConformance(c)) },
	})
}
