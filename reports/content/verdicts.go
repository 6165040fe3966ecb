package content

import (
	"fmt"
	"strconv"
	"strings"

	"imcheck/reports"
	"imcheck/reports/words"
)

// Presentation describes how a verdict or an outcome is shown: always with a word, so
// that neither colour nor symbol is needed to recognize it.
type Presentation struct {
	Word   string
	Symbol string
	Class  string // determines the colour in CSS and in a terminal: good, bad, odd or quiet
}

// OutcomeWords has the presentation of each outcome.
var OutcomeWords = map[reports.Outcome]Presentation{
	reports.OutcomePass:         {"PASS", "✓", "good"},
	reports.OutcomeFail:         {"FAIL", "✗", "bad"},
	reports.OutcomeUnreachable:  {"UNREACHABLE", "⊘", "bad"},
	reports.OutcomeInconclusive: {"INCONCLUSIVE", "?", "odd"},
}

// VerdictWords has the presentation of each verdict.
var VerdictWords = map[reports.Verdict]Presentation{
	reports.Pass:            {"pass", "✓", "good"},
	reports.Fail:            {"fail", "✗", "bad"},
	reports.Warn:            {"warn", "!", "odd"},
	reports.ExpectedFailure: {"expected failure", "✗", "odd"},
	reports.UnexpectedPass:  {"unexpected pass", "✓", "bad"},
	reports.Inconclusive:    {"inconclusive", "?", "odd"},
	reports.NotSupported:    {"not supported", "–", "quiet"},
	reports.Skipped:         {"skipped", "○", "quiet"},
	reports.Error:           {"error", "⊘", "bad"},
}

// NeedsLook reports whether somebody has to do something about a verdict. An
// expected failure is known already.
func NeedsLook(v reports.Verdict) bool {
	return reports.Rank(reports.Severity[:], v) < reports.Rank(reports.Severity[:], reports.ExpectedFailure)
}

// WorseOf returns the more severe of two verdicts.
func WorseOf(a, b reports.Verdict) reports.Verdict {
	if reports.Rank(reports.Severity[:], b) < reports.Rank(reports.Severity[:], a) {
		return b
	}
	return a
}

// CountWords returns text such as "3 failed", "1 error", "2 errors".
func CountWords(v reports.Verdict, n int) string {
	if v == reports.Error {
		return words.Counted(int64(n), "error", "errors")
	}
	return fmt.Sprintf("%d %s", n, PastWords(v))
}

// PastWords has what cases with a verdict did, as in "3 failed".
func PastWords(v reports.Verdict) string {
	switch v {
	case reports.Pass:
		return "passed"
	case reports.Fail:
		return "failed"
	case reports.Warn:
		return "warned"
	case reports.ExpectedFailure:
		return "failed as expected"
	case reports.UnexpectedPass:
		return "passed unexpectedly"
	}
	return string(v)
}

// InformationTitle is the title of the findings of INFO cases.
const InformationTitle = "Info: what was found where nothing is required"

// ItemName returns text such as "qos/ack [udp]", and "qos/ack [udp] round 3" of a repeated case or
// "heartbeat/expiry [udp] in 3S" of one that ran in several sense modes.
func ItemName(r reports.Result) string {
	name := fmt.Sprintf("%s [%s]", r.Case, r.Transport)
	if r.Round > 0 {
		name += fmt.Sprintf(" round %d", r.Round)
	}
	if r.SenseMode != "" {
		name += " in " + r.SenseMode
	}
	return name
}

// RoundList returns text such as "rounds 2, 5", and "" of none.
func RoundList(rounds []int) string {
	if len(rounds) == 0 {
		return ""
	}
	names := make([]string, len(rounds))
	for i, round := range rounds {
		names[i] = strconv.Itoa(round)
	}
	if len(rounds) == 1 {
		return "round " + names[0]
	}
	return "rounds " + strings.Join(names, ", ")
}

// ConformanceSummary summarizes a conformance run in half a line.
func ConformanceSummary(c *reports.Conformance) string {
	if len(c.Results) == 0 {
		return "no case was run, in " + words.RunTime(c.DurationMs)
	}
	counts := reports.CountVerdicts(c.Results)
	parts := []string{CountWords(reports.Pass, counts[reports.Pass])}
	for _, v := range reports.Verdicts[1:] {
		if counts[v] > 0 {
			parts = append(parts, CountWords(v, counts[v]))
		}
	}
	summary := fmt.Sprintf("%s on %s", strings.Join(parts, ", "), strings.Join(reports.TransportsOf(c.Results), ", "))
	if c.Rounds > 0 {
		summary += fmt.Sprintf(", %d rounds", c.Rounds)
	}
	return summary + " in " + words.RunTime(c.DurationMs)
}

// FlakeWords returns text such as "failed 2, inconclusive 1 of 10".
func FlakeWords(f reports.Flake) string {
	var parts []string
	for _, v := range reports.Severity {
		if n := f.Verdicts[v]; n > 0 && v != reports.Pass {
			parts = append(parts, fmt.Sprintf("%s %d", PastWords(v), n))
		}
	}
	return fmt.Sprintf("%s of %d", strings.Join(parts, ", "), f.Runs)
}

// Where returns the transport of a result, with the sense mode in a run in several.
func Where(transport, mode string) string {
	if mode == "" {
		return transport
	}
	return transport + " in " + mode
}

// RoundsWords returns a verdict and, for a repeated case, the number of rounds that ended
// with it: "failed in 1 of 5 rounds".
func RoundsWords(v reports.Verdict, times, rounds int) string {
	if rounds == 0 {
		return words.Dashed(string(v))
	}
	return fmt.Sprintf("%s in %d of %d rounds", PastWords(v), times, rounds)
}
