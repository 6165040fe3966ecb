package reports

import (
	"cmp"
	"fmt"
	"slices"
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

// severity orders verdicts by what a reader has to look at first.
var severity = [...]Verdict{Fail, UnexpectedPass, Error, Inconclusive, Warn, ExpectedFailure, Pass, NotSupported, Skipped}

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

// counted puts a number before a noun.
func counted(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return grouped(n) + " " + many
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

// loadSummary is a whole load run in half a line.
func loadSummary(l *Load) string {
	var clients, sent, lost int64
	for _, n := range l.Clients {
		clients += int64(n)
	}
	for _, m := range l.Messages {
		sent += m.Sent
		lost += m.Lost
	}
	asked := counted(clients, "client", "clients")
	if each := clientWords(l.Clients); each != "" {
		asked += " (" + each + ")"
	}
	return shardWords(l) + fmt.Sprintf("%s, %s sent, %s lost, in %s", asked, counted(sent, "message", "messages"), grouped(lost), runTime(l.DurationMs))
}

// clientWords is "100 udp, 50 tcp".
func clientWords(byTransport map[string]int) string {
	var parts []string
	for _, t := range sortedTransports(byTransport) {
		parts = append(parts, grouped(int64(byTransport[t]))+" "+t)
	}
	return strings.Join(parts, ", ")
}

// bottleneckSummary comes before everything else: figures that describe the
// generator must not be read as the target's.
func bottleneckSummary(g Generator) string {
	if g.BottleneckEvidence == "" {
		return "the load generator was the bottleneck: the figures describe it, not the target"
	}
	return "the load generator was the bottleneck: " + g.BottleneckEvidence
}

// transportOrder is the order of columns; transports it does not name follow by name.
var transportOrder = []string{AllTransports, "udp", "tcp", "tls", "ws", "wss"}

func compareTransports(a, b string) int {
	return cmp.Or(cmp.Compare(rank(transportOrder, a), rank(transportOrder, b)), cmp.Compare(a, b))
}

// rank is the place of a name in a list, behind its end when it is not there.
func rank[T comparable](order []T, name T) int {
	if i := slices.Index(order, name); i >= 0 {
		return i
	}
	return len(order)
}

func transportsOf(results []Result) []string {
	present := map[string]bool{}
	for _, r := range results {
		present[r.Transport] = true
	}
	return sortedTransports(present)
}

func sortedTransports[V any](byTransport map[string]V) []string {
	names := make([]string, 0, len(byTransport))
	for name := range byTransport {
		names = append(names, name)
	}
	slices.SortFunc(names, compareTransports)
	return names
}
