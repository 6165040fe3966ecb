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
	figureTarget   = "target"
	figureStage    = "stage" // a stage's number and one of the others follow
)

// figure names one number of a run. Times in it are microseconds.
type figure struct {
	name      string
	stage     int                 // number of the stage that it is of, from 1; 0 for the whole run
	subject   string              // a kind of latency, or one of the names above
	transport string              // transport of a latency; reports.AllTransports for their sum
	origin    string              // origin of a latency: reports.FromDue or reports.FromSend
	messages  reports.MessageKind // the ledger's kind of message, "" for the sum
	statistic string
	percent   float64 // a percentile's
}

// Statistics that are looked at by name.
const (
	statisticRate      = "rate"       // so many a second
	statisticP99Slope  = "p99_slope"  // change of a latency's p99 in an hour
	statisticLostSlope = "lost_slope" // change of the share of messages lost in an hour
)

// targetSlopes are the statistics of the target's process that are slopes.
var targetSlopes = []string{"memory_slope", "open_files_slope", "session_memory_slope"}

// statistics of a distribution besides its percentiles.
var statistics = []string{"min", "mean", "max", "count", statisticRate}

// parseFigure reads the name of a figure, of the whole run or of a stage; reason says what is
// wrong with it.
func parseFigure(name string) (f figure, reason string) {
	if rest, ok := strings.CutPrefix(name, figureStage+"."); ok {
		return parseStageFigure(name, rest)
	}
	return parseWholeFigure(name)
}

// parseWholeFigure reads the name of a figure of a whole run.
func parseWholeFigure(name string) (f figure, reason string) {
	f = figure{name: name, transport: reports.AllTransports, origin: reports.FromDue}
	subject, rest, _ := strings.Cut(name, ".")
	f.subject = subject
	switch {
	case f.isLatency():
		if f.kind() == reports.KindEcho {
			f.origin = reports.FromSend // a closed loop has no due times
		}
		if rest == statisticP99Slope {
			f.statistic = rest
			return f, f.timelineFault()
		}
		rest = f.parseScope(rest)
		return f, f.parseDistribution(rest)
	case subject == figureTarget:
		return f, f.parseCounter(rest, append(sortedNames(targetCounters), targetSlopes...))
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
		if f.messages == "" && rest == statisticLostSlope {
			f.statistic = rest
			return f, ""
		}
		return f, f.parseCounter(rest, sortedNames(ledgerCounters))
	case subject == figureSessions:
		return f, f.parseCounter(rest, sortedNames(sessionCounters))
	case subject == figureSends:
		return f, f.parseCounter(rest, sortedNames(sendCounters))
	case subject == figureStorm:
		return f, f.parseCounter(rest, sortedNames(stormCounters))
	}
	known := append(reports.KindNames(reports.LatencyKinds), figureLedger, figureSessions, figureSends, figureLateness, figureRecovery, figureStorm, figureTarget, figureStage)
	return f, fmt.Sprintf("%q is not a figure: use %s", subject, strings.Join(known, ", "))
}

// timelineFault refuses a slope of a latency that no timeline has.
func (f *figure) timelineFault() string {
	if !slices.Contains(timelineKinds, f.kind()) {
		return fmt.Sprintf("%s has no %s: the timeline of a run has %s", f.subject, statisticP99Slope, strings.Join(reports.KindNames(timelineKinds), ", "))
	}
	return ""
}

// isSlope reports whether the figure is a change in an hour.
func (f *figure) isSlope() bool { return strings.HasSuffix(f.statistic, "_slope") }

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
	case f.isSlope():
		return class == f.slopeClass()
	case f.statistic == statisticRate:
		return class == unitRate
	case f.subject == figureTarget:
		return class == targetCounters[f.statistic].class
	case f.subject == figureLedger || f.subject == figureStorm:
		return class == unitCount || class == unitShare
	case f.subject == figureSessions || f.subject == figureSends || f.statistic == "count":
		return class == unitCount
	}
	return class == unitTime
}

// slopeClass returns the class of the units of a figure that isSlope.
func (f *figure) slopeClass() unitClass {
	if f.statistic == statisticLostSlope {
		return unitPointSlope
	}
	return unitShareSlope
}

func (f *figure) unitHelp() string {
	switch {
	case f.takes(unitShareSlope):
		return "a slope: write a number with %/h after it, for percent an hour"
	case f.takes(unitPointSlope):
		return "a slope of a share: write a number with pp/h after it, for percentage points an hour"
	case f.takes(unitSize):
		return "a size: write a number with B, KB, MB, GB, KiB, MiB or GiB after it"
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
