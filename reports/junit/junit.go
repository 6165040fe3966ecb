// Package junit writes the checks of runs as JUnit XML, for continuous integration.
package junit

import (
	"encoding/xml"
	"fmt"
	"io"

	"imcheck/reports/checks"
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
		XMLName    xml.Name         `xml:"testsuite"`
		Name       string           `xml:"name,attr"`
		Tests      int              `xml:"tests,attr"`
		Failures   int              `xml:"failures,attr"`
		Errors     int              `xml:"errors,attr"`
		Skipped    int              `xml:"skipped,attr"`
		Time       string           `xml:"time,attr"` // in seconds
		Timestamp  string           `xml:"timestamp,attr"`
		Properties *junitProperties `xml:"properties"`
		Cases      []junitCase      `xml:"testcase"`
		SystemOut  string           `xml:"system-out,omitempty"`
	}
	junitProperties struct {
		All []junitProperty `xml:"property"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
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

// Write writes one testsuite for each run, with a testcase for each check. A check that
// passed and has something to say, such as a warning, says so in system-out. One that is
// unjudged is skipped, as is one that did not run: neither says anything new about the
// target. Its message begins with the reason in a word, such as "inconclusive".
func Write(w io.Writer, runs ...checks.Run) error {
	var document junitSuites
	for _, run := range runs {
		suite := junitSuite{
			Name:       run.Name(),
			Time:       junitSeconds(float64(run.DurationMs)),
			Timestamp:  run.Started.UTC().Format("2006-01-02T15:04:05"),
			Properties: properties(run),
			SystemOut:  run.Target.UnverifiedNote(),
		}
		for _, c := range run.Checks {
			suite.add(c, run.Client)
		}
		document.Suites = append(document.Suites, suite)
	}
	return writeXML(w, document)
}

// properties says what was judged and by what, as far as that is known.
func properties(run checks.Run) *junitProperties {
	var p junitProperties
	add := func(name, value string) {
		if value != "" {
			p.All = append(p.All, junitProperty{name, words.Printable(value)})
		}
	}
	add("target.name", run.Target.Name)
	add("target.version", run.Target.Version)
	add("target.organization", run.Target.Organization)
	add("target.url", run.Target.URL)
	add("protocol.version", run.ProtocolVersion)
	if len(p.All) == 0 {
		return nil
	}
	add("command", words.CommandLine(run.Command))
	return &p
}

func (s *junitSuite) add(c checks.Check, client bool) {
	s.Tests++
	testcase := junitCase{Name: c.Name, ClassName: className(c, client), Time: junitSeconds(c.DurationMs)}
	switch c.Status {
	case checks.Failed:
		s.Failures++
		testcase.Failure = &junitMessage{Message: c.Message, Text: c.Detail}
	case checks.Broken:
		s.Errors++
		testcase.Error = &junitMessage{Message: c.Message, Text: c.Detail}
	case checks.Unjudged, checks.Skipped:
		s.Skipped++
		testcase.Skipped = &junitMessage{Message: c.Verdict + ": " + c.Message, Text: c.Detail}
	case checks.Passed:
		testcase.SystemOut = systemOut(c)
	}
	s.Cases = append(s.Cases, testcase)
}

// className groups the testcases of an area; those of a client have names of their own.
func className(c checks.Check, client bool) string {
	name := "imcheck"
	if client {
		name += ".client"
	}
	if c.Group != "" {
		name += "." + c.Group
	}
	return name
}

// systemOut returns what a check that passed has to say, "" for nothing.
func systemOut(c checks.Check) string {
	message := c.Message
	if message != "" && c.Remark != "" {
		message = c.Remark + ": " + message
	}
	if message != "" {
		message += "\n"
	}
	return message + c.Detail
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
