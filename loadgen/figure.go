package loadgen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// Names with which a figure begins, besides those of the kinds of latency.
const (
	figureLedger   = "ledger"
	figureSessions = "sessions"
	figureLateness = "lateness"
	figureSends    = "sends"
	figureRecovery = "recovery"
)

// figure names one number of a run. Times in it are microseconds.
type figure struct {
	name      string
	subject   string // a kind of latency, or one of the names above
	kind      kind   // of a latency
	transport string // of a latency; reports.AllTransports for their sum
	origin    int    // of a latency: place in origins
	flow      int    // of the ledger: place in flowNames, -1 for the sum
	statistic string
	percent   float64 // of a percentile
}

// flowNames are the names of all flows.
var flowNames = [plan.Flows]string{plan.ToServer.String(), plan.ToClient.String(), plan.FromServer.String(), plan.Echoed.String()}

// statisticRate is so many a second.
const statisticRate = "rate"

// statistics of a distribution besides its percentiles.
var statistics = []string{"min", "mean", "max", "count", statisticRate}

// counters of the other subjects.
var (
	ledgerCounters = map[string]func(reports.Ledger) int64{
		"sent":          func(l reports.Ledger) int64 { return l.Sent },
		"acknowledged":  func(l reports.Ledger) int64 { return l.Acknowledged },
		"delivered":     func(l reports.Ledger) int64 { return l.Delivered },
		"duplicated":    func(l reports.Ledger) int64 { return l.Duplicated },
		"reordered":     func(l reports.Ledger) int64 { return l.Reordered },
		"retransmitted": func(l reports.Ledger) int64 { return l.Retransmits },
		"lost":          func(l reports.Ledger) int64 { return l.Lost },
		"late":          func(l reports.Ledger) int64 { return l.TooLate },
		"missing":       func(l reports.Ledger) int64 { return l.Missing },
		"pending":       func(l reports.Ledger) int64 { return l.Pending },
	}
	sessionCounters = map[string]func(*figures) int64{
		"logged_in": func(f *figures) int64 { return f.loggedIn },
		"online":    func(f *figures) int64 { return f.online },
		"lost":      func(f *figures) int64 { return f.lost },
	}
	sendCounters = map[string]func(*figures) int64{
		"dropped":    func(f *figures) int64 { return f.dropped },
		"not_online": func(f *figures) int64 { return f.notOnline },
		"blocked":    func(f *figures) int64 { return f.blocked },
	}
)

// parseFigure reads the name of a figure; reason says what is wrong with it.
func parseFigure(name string) (f figure, reason string) {
	f = figure{name: name, transport: reports.AllTransports, flow: -1}
	subject, rest, _ := strings.Cut(name, ".")
	f.subject = subject
	switch k := slices.Index(kindNames[:], subject); {
	case k >= 0:
		f.kind = kind(k)
		if f.kind == echoReply {
			f.origin = 1 // a closed loop has no due times
		}
		rest = f.parseScope(rest)
		return f, f.parseDistribution(rest)
	case subject == figureLateness:
		return f, f.parseDistribution(rest)
	case subject == figureRecovery:
		if reason = f.parseDistribution(rest); reason == "" && (f.statistic != percentile || !slices.Contains(recoveryShares[:], f.percent)) {
			reason = "recovery has p50, p99 and p100 only"
		}
		return f, reason
	case subject == figureLedger:
		if flow, counter, found := strings.Cut(rest, "."); found {
			if f.flow = slices.Index(flowNames[:], flow); f.flow < 0 {
				return f, fmt.Sprintf("%q is no kind of message: use %s", flow, strings.Join(flowNames[:], ", "))
			}
			rest = counter
		}
		return f, f.parseCounter(rest, sortedNames(ledgerCounters))
	case subject == figureSessions:
		return f, f.parseCounter(rest, sortedNames(sessionCounters))
	case subject == figureSends:
		return f, f.parseCounter(rest, sortedNames(sendCounters))
	}
	known := append(slices.Clone(kindNames[:]), figureLedger, figureSessions, figureSends, figureLateness, figureRecovery)
	return f, fmt.Sprintf("%q is no figure: use %s", subject, strings.Join(known, ", "))
}

// parseScope takes a transport and an origin off the front of a name.
func (f *figure) parseScope(rest string) string {
	for {
		word, after, found := strings.Cut(rest, ".")
		origin := slices.Index(origins[:], word)
		t, err := wire.ParseTransport(word)
		switch {
		case !found:
			return rest
		case origin >= 0:
			f.origin = origin
		case err == nil:
			f.transport = t.String()
		default:
			return rest
		}
		rest = after
	}
}

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
	case f.subject == figureLedger:
		return class == unitCount || class == unitShare
	case f.subject == figureSessions || f.subject == figureSends || f.statistic == "count":
		return class == unitCount
	}
	return class == unitTime
}

func (f *figure) unitHelp() string {
	switch {
	case f.takes(unitRate):
		return "a rate: write a number with /s behind it"
	case f.takes(unitShare):
		return "a number of messages: write it without a unit, or with % for a share of those sent"
	case f.takes(unitCount):
		return "a number: write it without a unit"
	}
	return "a time: write a number with us, ms, s or m behind it"
}

// value reads the figure; known is false when nothing was measured.
func (f *figure) value(from *figures, class unitClass) (value float64, known bool) {
	switch f.subject {
	case figureLedger:
		return f.ledgerValue(from, class)
	case figureSessions:
		return float64(sessionCounters[f.statistic](from)), true
	case figureSends:
		return float64(sendCounters[f.statistic](from)), true
	case figureRecovery:
		return recoveryTime(from.recovery, f.percent)
	case figureLateness:
		return f.distributionValue(from.recorder.lateness, from.counted)
	}
	over := from.counted
	if f.kind == login {
		over = from.lastLogin
	}
	return f.distributionValue(from.recorder.total(f.kind, f.transport, f.origin), over)
}

func (f *figure) ledgerValue(from *figures, class unitClass) (value float64, known bool) {
	var counted, sent int64
	for _, l := range from.messages {
		if f.flow < 0 || flowNames[f.flow] == l.Kind {
			counted += ledgerCounters[f.statistic](l)
			sent += l.Sent
		}
	}
	if class == unitCount {
		return float64(counted), true
	}
	if sent == 0 {
		return 0, false
	}
	return float64(counted) / float64(sent), true
}

func (f *figure) distributionValue(h *hdrhistogram.Histogram, over time.Duration) (value float64, known bool) {
	if f.statistic == "count" {
		return float64(h.TotalCount()), true
	}
	if h.TotalCount() == 0 {
		return 0, false
	}
	switch f.statistic {
	case "min":
		return float64(h.Min()), true
	case "mean":
		return h.Mean(), true
	case "max":
		return float64(h.Max()), true
	case statisticRate:
		return float64(h.TotalCount()) / over.Seconds(), over > 0
	}
	return float64(h.ValueAtPercentile(f.percent)), true
}
