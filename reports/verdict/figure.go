package verdict

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"imcheck/reports"
)

// Names with which a figure begins, besides those of the kinds of latency.
const (
	figureLedger   = "ledger"
	figureSessions = "sessions"
	figureLateness = "lateness"
	figureSends    = "sends"
	figureRecovery = "recovery"
	figureStorm    = "storm"
)

// figure names one number of a run. Times in it are microseconds.
type figure struct {
	name      string
	subject   string              // a kind of latency, or one of the names above
	transport string              // transport of a latency; reports.AllTransports for their sum
	origin    string              // origin of a latency: reports.FromDue or reports.FromSend
	messages  reports.MessageKind // the ledger's kind of message, "" for the sum
	statistic string
	percent   float64 // a percentile's
}

// statisticRate is so many a second.
const statisticRate = "rate"

// statistics of a distribution besides its percentiles.
var statistics = []string{"min", "mean", "max", "count", statisticRate}

// parseFigure reads the name of a figure; reason says what is wrong with it.
func parseFigure(name string) (f figure, reason string) {
	f = figure{name: name, transport: reports.AllTransports, origin: reports.FromDue}
	subject, rest, _ := strings.Cut(name, ".")
	f.subject = subject
	switch {
	case f.isLatency():
		if f.kind() == reports.KindEcho {
			f.origin = reports.FromSend // a closed loop has no due times
		}
		rest = f.parseScope(rest)
		return f, f.parseDistribution(rest)
	case subject == figureLateness:
		return f, f.parseDistribution(rest)
	case subject == figureRecovery:
		if reason = f.parseDistribution(rest); reason == "" && (f.statistic != percentile || !slices.Contains(reports.RecoveryPercentiles, f.percent)) {
			reason = "recovery has p50, p99 and p100 only"
		}
		return f, reason
	case subject == figureLedger:
		if messages, counter, found := strings.Cut(rest, "."); found {
			if f.messages = reports.MessageKind(messages); !slices.Contains(reports.MessageKinds, f.messages) {
				return f, fmt.Sprintf("%q is not a kind of message: use %s", messages, strings.Join(reports.KindNames(reports.MessageKinds), ", "))
			}
			rest = counter
		}
		return f, f.parseCounter(rest, sortedNames(ledgerCounters))
	case subject == figureSessions:
		return f, f.parseCounter(rest, sortedNames(sessionCounters))
	case subject == figureSends:
		return f, f.parseCounter(rest, sortedNames(sendCounters))
	case subject == figureStorm:
		return f, f.parseCounter(rest, sortedNames(stormCounters))
	}
	known := append(reports.KindNames(reports.LatencyKinds), figureLedger, figureSessions, figureSends, figureLateness, figureRecovery, figureStorm)
	return f, fmt.Sprintf("%q is not a figure: use %s", subject, strings.Join(known, ", "))
}

// parseScope takes a transport and an origin off the front of a name.
func (f *figure) parseScope(rest string) string {
	for {
		word, after, found := strings.Cut(rest, ".")
		transport := strings.ToLower(word)
		switch {
		case !found:
			return rest
		case word == reports.FromDue || word == reports.FromSend:
			f.origin = word
		case slices.Contains(reports.LoadTransports, transport):
			f.transport = transport
		default:
			return rest
		}
		rest = after
	}
}

// isLatency reports whether the figure is of a distribution of latencies.
func (f *figure) isLatency() bool { return slices.Contains(reports.LatencyKinds, f.kind()) }

// kind returns the kind of latency of a figure that isLatency.
func (f *figure) kind() reports.LatencyKind { return reports.LatencyKind(f.subject) }

// percentile is the statistic of a figure that has a percent.
const percentile = "p"

func (f *figure) parseDistribution(name string) (reason string) {
	if slices.Contains(statistics, name) {
		f.statistic = name
		return ""
	}
	digits, found := strings.CutPrefix(name, percentile)
	percent, err := strconv.ParseFloat(digits, 64)
	if !found || err != nil || !(percent >= 0 && percent <= 100) {
		return fmt.Sprintf("%s has no %q: use a percentile such as p99.9, or %s", f.subject, name, strings.Join(statistics, ", "))
	}
	f.statistic, f.percent = percentile, percent
	return ""
}

func (f *figure) parseCounter(name string, known []string) (reason string) {
	if !slices.Contains(known, name) {
		return fmt.Sprintf("%s has no %q: use %s", f.subject, name, strings.Join(known, ", "))
	}
	f.statistic = name
	return ""
}

func sortedNames[V any](m map[string]V) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// takes reports whether the figure can be given in units of a class.
func (f *figure) takes(class unitClass) bool {
	switch {
	case f.statistic == statisticRate:
		return class == unitRate
	case f.subject == figureLedger || f.subject == figureStorm:
		return class == unitCount || class == unitShare
	case f.subject == figureSessions || f.subject == figureSends || f.statistic == "count":
		return class == unitCount
	}
	return class == unitTime
}

func (f *figure) unitHelp() string {
	switch {
	case f.takes(unitRate):
		return "a rate: write a number with /s after it"
	case f.subject == figureStorm:
		return "a number of clients: write it without a unit, or with % for a share of those that the storm met"
	case f.takes(unitShare):
		return "a number of messages: write it without a unit, or with % for a share of those sent, of spurious and called_lost of those delivered"
	case f.takes(unitCount):
		return "a number: write it without a unit"
	}
	return "a time: write a number with us, ms, s or m after it"
}
