// Package ctrf writes the checks of runs in the Common Test Report Format, a form of
// JSON that dashboards and chat bots of continuous integration read (ctrf.io).
package ctrf

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"imcheck/reports"
	"imcheck/reports/checks"
	"imcheck/reports/words"
)

// specVersion is the version of the format that is written.
const specVersion = "0.0.0"

// The part of the format that is written. Times are milliseconds: of start and stop since
// 1970, of durations in whole ones.
type (
	document struct {
		ReportFormat string  `json:"reportFormat"`
		SpecVersion  string  `json:"specVersion"`
		GeneratedBy  string  `json:"generatedBy"`
		Results      results `json:"results"`
	}
	results struct {
		Tool        tool        `json:"tool"`
		Summary     summary     `json:"summary"`
		Tests       []test      `json:"tests"`
		Environment environment `json:"environment"`
	}
	tool struct {
		Name    string `json:"name"`
		Version string `json:"version,omitempty"`
	}
	summary struct {
		Tests   int   `json:"tests"`
		Passed  int   `json:"passed"`
		Failed  int   `json:"failed"`
		Skipped int   `json:"skipped"`
		Pending int   `json:"pending"` // always 0
		Other   int   `json:"other"`
		Flaky   int   `json:"flaky"`
		Suites  int   `json:"suites"`
		Start   int64 `json:"start"`
		Stop    int64 `json:"stop"`
	}
	test struct {
		Name          string       `json:"name"`
		Status        string       `json:"status"`
		Duration      int64        `json:"duration"`
		Start         int64        `json:"start"`
		Stop          int64        `json:"stop"`
		Suite         []string     `json:"suite"`
		Message       string       `json:"message,omitempty"`
		Trace         string       `json:"trace,omitempty"`
		RawStatus     string       `json:"rawStatus"`
		Type          string       `json:"type"`
		Retries       int          `json:"retries,omitempty"`
		RetryAttempts []attempt    `json:"retryAttempts,omitempty"`
		Flaky         bool         `json:"flaky"`
		Attachments   []attachment `json:"attachments,omitempty"`
	}
	attempt struct {
		Attempt  int    `json:"attempt"` // from 1 on
		Status   string `json:"status"`
		Duration int64  `json:"duration"`
		Start    int64  `json:"start"`
		Stop     int64  `json:"stop"`
		Message  string `json:"message,omitempty"`
	}
	attachment struct {
		Name        string `json:"name"`
		ContentType string `json:"contentType"`
		Path        string `json:"path"`
	}
	environment struct {
		AppName    string         `json:"appName,omitempty"`
		AppVersion string         `json:"appVersion,omitempty"`
		OSPlatform string         `json:"osPlatform,omitempty"`
		Extra      map[string]any `json:"extra"`
	}
)

// Write writes one report of all runs, of which there has to be at least one. A case that
// was run in several rounds is one test, with an attempt for each round and the status of
// the worst of them, as a release gate sees it; "flaky" is set when its verdict changed
// between rounds.
func Write(w io.Writer, runs ...checks.Run) error {
	if len(runs) == 0 {
		return fmt.Errorf("write CTRF: there is no run to report")
	}
	name, version, _ := strings.Cut(runs[0].Tool, " ")
	d := document{ReportFormat: "CTRF", SpecVersion: specVersion, GeneratedBy: generatedBy(runs)}
	d.Results.Tool = tool{cmp.Or(words.Printable(name), "imcheck"), words.Printable(version)}
	d.Results.Tests = []test{}
	for i := range runs {
		d.Results.Tests = append(d.Results.Tests, tests(&runs[i])...)
	}
	d.Results.Summary = summarize(runs, d.Results.Tests)
	d.Results.Environment = environmentOf(runs)
	if err := reports.WriteJSON(w, d); err != nil {
		return fmt.Errorf("write CTRF: %w", err)
	}
	return nil
}

// generatedBy names the program and the kinds of the runs. Another run in the same folder
// recognizes the file by this.
func generatedBy(runs []checks.Run) string {
	names := make([]string, len(runs))
	for i := range runs {
		names[i] = runs[i].Name()
	}
	return strings.Join(names, ", ")
}

// statuses has the word for each status. What says nothing about the target is neither
// passed nor failed, and has run.
var statuses = map[checks.Status]string{
	checks.Failed: "failed", checks.Broken: "failed", checks.Unjudged: "other", checks.Passed: "passed", checks.Skipped: "skipped",
}

// tests returns a test for each item of a run, in the order of the checks.
func tests(run *checks.Run) (all []test) {
	var order []string
	rounds := map[string][]checks.Check{}
	for _, c := range run.Checks {
		if rounds[c.Item] == nil {
			order = append(order, c.Item)
		}
		rounds[c.Item] = append(rounds[c.Item], c)
	}
	for _, item := range order {
		all = append(all, testOf(run, item, rounds[item]))
	}
	return all
}

func testOf(run *checks.Run, item string, rounds []checks.Check) test {
	worst := slices.MinFunc(rounds, func(a, b checks.Check) int { return cmp.Compare(a.Status, b.Status) })
	suite := []string{words.Printable(run.Name())}
	if run.Client {
		suite = append(suite, "client")
	}
	if worst.Group != "" && worst.Group != run.Kind {
		suite = append(suite, words.Printable(worst.Group))
	}
	t := test{
		Name: cmp.Or(words.Printable(item), "unnamed"), Status: statuses[worst.Status], RawStatus: worst.Verdict, Suite: suite,
		Type: run.Kind, Message: worst.Message, Trace: worst.Detail, Flaky: worst.Flaky,
		Start: math.MaxInt64,
	}
	for _, c := range rounds {
		start, stop := span(run, c)
		t.Start, t.Stop = min(t.Start, start), max(t.Stop, stop)
		t.Duration += stop - start
		if c.Trace != "" {
			t.Attachments = append(t.Attachments, attachment{"transcript of " + words.Printable(c.Name), "application/x-ndjson", c.Trace})
		}
	}
	if len(rounds) > 1 {
		t.RetryAttempts = attempts(run, rounds)
		t.Retries = len(t.RetryAttempts)
	}
	return t
}

// attempts lists the rounds of a case in their order.
func attempts(run *checks.Run, rounds []checks.Check) (list []attempt) {
	rounds = slices.Clone(rounds)
	slices.SortStableFunc(rounds, func(a, b checks.Check) int { return cmp.Compare(a.Round, b.Round) })
	for i, c := range rounds {
		start, stop := span(run, c)
		list = append(list, attempt{Attempt: i + 1, Status: statuses[c.Status], Duration: stop - start, Start: start, Stop: stop, Message: c.Message})
	}
	return list
}

// span returns the start and the end of a check in milliseconds since 1970.
func span(run *checks.Run, c checks.Check) (start, stop int64) {
	start = millis(run.Started) + int64(math.Round(c.StartedMs))
	return start, start + int64(math.Round(c.DurationMs))
}

// millis returns the milliseconds since 1970, 0 for a time that is not known.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func summarize(runs []checks.Run, all []test) summary {
	s := summary{Tests: len(all), Start: math.MaxInt64}
	for _, run := range runs {
		s.Start, s.Stop = min(s.Start, millis(run.Started)), max(s.Stop, millis(run.Started)+run.DurationMs)
	}
	suites := map[string]bool{}
	for _, t := range all {
		suites[strings.Join(t.Suite, "\x00")] = true
		switch t.Status {
		case "passed":
			s.Passed++
		case "failed":
			s.Failed++
		case "skipped":
			s.Skipped++
		default:
			s.Other++
		}
		if t.Flaky {
			s.Flaky++
		}
	}
	s.Suites = len(suites)
	return s
}

// environmentOf names the target, and has the outcome of each run beside the tests.
func environmentOf(runs []checks.Run) environment {
	first := runs[0]
	outcomes := map[string]any{}
	for _, run := range runs {
		outcome := map[string]any{"outcome": run.Outcome, "reason": words.Printable(run.Reason), "exitCode": run.ExitCode}
		for name, value := range map[string]string{"organization": run.Target.Organization, "url": run.Target.URL, "protocolVersion": run.ProtocolVersion} {
			if value != "" {
				outcome[name] = words.Printable(value)
			}
		}
		outcomes[run.Kind] = outcome
	}
	system, _, _ := strings.Cut(first.Environment.System, "/")
	return environment{
		AppName: words.Printable(first.Target.Name), AppVersion: words.Printable(first.Target.Version), OSPlatform: words.Printable(system),
		Extra: map[string]any{"imcheck": outcomes},
	}
}
