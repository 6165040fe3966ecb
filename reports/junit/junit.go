// Package junit writes a conformance run as JUnit XML, for continuous integration.
package junit

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/words"
)

// The part of the JUnit format that continuous integration reads. Ginkgo's own
// writer is not used: it reports success when the disk is full, writes to a
// path only, and adds to each failure the location of a Go line, which no case
// has.
type (
	junitSuites struct {
		XMLName xml.Name `xml:"testsuites"`
		Suites  []junitSuite
	}
	junitSuite struct {
		XMLName   xml.Name    `xml:"testsuite"`
		Name      string      `xml:"name,attr"`
		Tests     int         `xml:"tests,attr"`
		Failures  int         `xml:"failures,attr"`
		Errors    int         `xml:"errors,attr"`
		Skipped   int         `xml:"skipped,attr"`
		Time      string      `xml:"time,attr"` // in seconds
		Timestamp string      `xml:"timestamp,attr"`
		Cases     []junitCase `xml:"testcase"`
		SystemOut string      `xml:"system-out,omitempty"`
	}
	junitCase struct {
		Name      string        `xml:"name,attr"`
		ClassName string        `xml:"classname,attr"`
		Time      string        `xml:"time,attr"` // in seconds
		Failure   *junitMessage `xml:"failure"`
		Error     *junitMessage `xml:"error"`
		Skipped   *junitMessage `xml:"skipped"`
		SystemOut string        `xml:"system-out,omitempty"`
	}
	junitMessage struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// Write writes a conformance run as JUnit XML, one testcase for each case
// and transport, and round of a repeated run. A warning passes and is described in
// system-out, as are findings of INFO cases; an inconclusive case is skipped, as it says
// nothing about the target, and so is an expected failure. Problems
// of the list of expected failures are a testcase of their own. A run that
// fails without any such case, because the target was gone before the first or
// because warnings were to count, has a further testcase "run" that says why.
func Write(w io.Writer, c *reports.Conformance) error {
	suite := junitSuite{
		Name:      "imcheck conformance",
		Time:      junitSeconds(float64(c.DurationMs)),
		Timestamp: c.Started.UTC().Format("2006-01-02T15:04:05"),
		SystemOut: c.Target.UnverifiedNote(),
	}
	copies := map[string]int{}
	for _, r := range reports.ByCase(c.Results) {
		name := content.ItemName(r)
		copies[name]++
		if n := copies[name]; n > 1 { // runs that were put together need names of their own
			name = fmt.Sprintf("%s (%d)", name, n)
		}
		suite.add(junitResult(name, r, c.CoveredBy(r)))
	}
	if len(c.Problems) > 0 {
		problems := &junitMessage{Message: strings.Join(c.Problems, "\n")}
		suite.add(junitCase{Name: "expected failures", ClassName: "imcheck", Time: junitSeconds(0), Failure: problems})
	}
	if failed := suite.Failures + suite.Errors; failed == 0 {
		suite.addRun(c.Header)
	}
	return writeXML(w, junitSuites{Suites: []junitSuite{suite}})
}

func (s *junitSuite) add(c junitCase) {
	s.Tests++
	c.SystemOut = visible(c.SystemOut)
	for _, message := range []*junitMessage{c.Failure, c.Error, c.Skipped} {
		if message != nil {
			message.Message, message.Text = visible(message.Message), visible(message.Text)
		}
	}
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

// addRun keeps a run that did not pass from looking as if it did.
func (s *junitSuite) addRun(h reports.Header) {
	run := junitCase{Name: "run", ClassName: "imcheck", Time: s.Time}
	switch h.Outcome {
	case reports.OutcomeFail:
		run.Failure = &junitMessage{Message: h.Reason}
	case reports.OutcomeUnreachable:
		run.Error = &junitMessage{Message: h.Reason}
	default:
		return
	}
	s.add(run)
}

func junitResult(name string, r reports.Result, covered []reports.Requirement) junitCase {
	c := junitCase{Name: name, ClassName: "imcheck." + r.Area(), Time: junitSeconds(r.DurationMs)}
	switch r.Verdict {
	case reports.Fail, reports.UnexpectedPass:
		c.Failure = &junitMessage{Message: r.Reason, Text: evidence(r, covered)}
	case reports.Error:
		c.Error = &junitMessage{Message: r.Reason, Text: evidence(r, covered)}
	case reports.Inconclusive, reports.NotSupported, reports.Skipped, reports.ExpectedFailure:
		c.Skipped = &junitMessage{Message: string(r.Verdict) + ": " + r.Reason}
	case reports.Warn:
		c.SystemOut = "warning: " + r.Reason + "\n" + evidence(r, covered)
	case reports.Pass:
		if content.IsInfo(r) {
			c.SystemOut = "info: " + cmp.Or(r.Reason, "measured") + "\n" + evidence(r, covered)
		}
	}
	return c
}

// evidence returns the evidence of a failure, for the page of one testcase.
func evidence(r reports.Result, covered []reports.Requirement) string {
	var out strings.Builder
	line := func(label, text string) {
		if text != "" {
			fmt.Fprintf(&out, "%-12s %s\n", label, text)
		}
	}
	line("requirement", fmt.Sprintf("%s (%s)", r.Requirement, content.RequirementSource(r)))
	for _, q := range covered {
		line("protocol", content.Quoted(q))
	}
	line("expected", r.Expected)
	line("actual", r.Actual)
	for _, m := range r.Measurements {
		line("measured", content.MeasurementWords(m))
	}
	for _, l := range r.Transcript {
		fmt.Fprintf(&out, "%10.3f s  %s %s %s\n", l.At/1000, l.Connection, l.Direction, l.Text)
	}
	line("trace", r.Trace)
	line("rerun", r.Rerun)
	return out.String()
}

// visible is words.Printable for texts of several lines. XML has no way to hold
// most of what it escapes.
func visible(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = words.NoCommand(words.Printable(line))
	}
	return strings.Join(lines, "\n")
}

func junitSeconds(ms float64) string { return fmt.Sprintf("%.3f", ms/1000) }

// writeXML writes a document. A character that XML has no way to hold would become
// U+FFFD.
func writeXML(w io.Writer, document any) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("write JUnit XML: %w", err)
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(document); err != nil {
		return fmt.Errorf("write JUnit XML: %w", err)
	}
	if _, err := io.WriteString(w, "\n"); err != nil {
		return fmt.Errorf("write JUnit XML: %w", err)
	}
	return nil
}
