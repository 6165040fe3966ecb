package reports

import (
	"fmt"
	"strconv"
	"strings"
)

// presentation is how a verdict or an outcome is shown: always by a word, so
// that neither colour nor symbol is needed to tell it.
type presentation struct {
	Word   string
	Symbol string
	Class  string // of the colour, in CSS and in a terminal: good, bad, odd or quiet
}

var outcomeWords = map[Outcome]presentation{
	OutcomePass:         {"PASS", "✓", "good"},
	OutcomeFail:         {"FAIL", "✗", "bad"},
	OutcomeUnreachable:  {"UNREACHABLE", "⊘", "bad"},
	OutcomeInconclusive: {"INCONCLUSIVE", "?", "odd"},
}

var verdictWords = map[Verdict]presentation{
	Pass:            {"pass", "✓", "good"},
	Fail:            {"fail", "✗", "bad"},
	Warn:            {"warn", "!", "odd"},
	ExpectedFailure: {"expected failure", "✗", "odd"},
	UnexpectedPass:  {"unexpected pass", "✓", "bad"},
	Inconclusive:    {"inconclusive", "?", "odd"},
	NotSupported:    {"not supported", "–", "quiet"},
	Skipped:         {"skipped", "○", "quiet"},
	Error:           {"error", "⊘", "bad"},
}

// needsLook reports whether somebody has to do something about a verdict. An
// expected failure is known already.
func needsLook(v Verdict) bool { return rank(severity[:], v) < rank(severity[:], ExpectedFailure) }

// countWords is "3 failed", "1 error", "2 errors".
func countWords(v Verdict, n int) string {
	if v == Error {
		return counted(int64(n), "error", "errors")
	}
	return fmt.Sprintf("%d %s", n, pastWords(v))
}

// pastWords says what cases of a verdict did, as in "3 failed".
func pastWords(v Verdict) string {
	switch v {
	case Pass:
		return "passed"
	case Fail:
		return "failed"
	case Warn:
		return "warned"
	case ExpectedFailure:
		return "failed as expected"
	case UnexpectedPass:
		return "passed unexpectedly"
	}
	return string(v)
}

// informationTitle stands above what the INFO cases found.
const informationTitle = "Info: what was found where nothing is required"

// itemName is "qos/ack [udp]", and "qos/ack [udp] round 3" of a repeated case or
// "heartbeat/expiry [udp] in 3S" of one that ran in several sense modes.
func itemName(r Result) string {
	name := fmt.Sprintf("%s [%s]", r.Case, r.Transport)
	if r.Round > 0 {
		name += fmt.Sprintf(" round %d", r.Round)
	}
	if r.SenseMode != "" {
		name += " in " + r.SenseMode
	}
	return name
}

// roundList is "rounds 2, 5", and "" of none.
func roundList(rounds []int) string {
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

// conformanceSummary is a whole run in half a line.
func conformanceSummary(c *Conformance) string {
	if len(c.Results) == 0 {
		return "no case was run, in " + runTime(c.DurationMs)
	}
	counts := CountVerdicts(c.Results)
	parts := []string{countWords(Pass, counts[Pass])}
	for _, v := range Verdicts[1:] {
		if counts[v] > 0 {
			parts = append(parts, countWords(v, counts[v]))
		}
	}
	summary := fmt.Sprintf("%s on %s", strings.Join(parts, ", "), strings.Join(transportsOf(c.Results), ", "))
	if c.Rounds > 0 {
		summary += fmt.Sprintf(", %d rounds", c.Rounds)
	}
	return summary + " in " + runTime(c.DurationMs)
}

// flakeWords is "failed 2, inconclusive 1 of 10".
func flakeWords(f Flake) string {
	var parts []string
	for _, v := range severity {
		if n := f.Verdicts[v]; n > 0 && v != Pass {
			parts = append(parts, fmt.Sprintf("%s %d", pastWords(v), n))
		}
	}
	return fmt.Sprintf("%s of %d", strings.Join(parts, ", "), f.Runs)
}

// where is a transport, and the sense mode when there is one to tell.
func where(transport, mode string) string {
	if mode == "" {
		return transport
	}
	return transport + " in " + mode
}

// roundsWords is a verdict, of a repeated case with how often it came: "failed in
// 1 of 5 rounds".
func roundsWords(v Verdict, times, rounds int) string {
	if rounds == 0 {
		return dashed(string(v))
	}
	return fmt.Sprintf("%s in %d of %d rounds", pastWords(v), times, rounds)
}
