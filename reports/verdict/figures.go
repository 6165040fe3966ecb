package verdict

import (
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/reports"
)

// Figures are compared with thresholds: those of a load so far, or of a whole one.
type Figures struct {
	Histograms Histograms
	Messages   []reports.Ledger
	Recovery   *reports.Recovery  // nil without a storm
	Target     *reports.TargetUse // nil when nobody watches it
	Trends     []reports.Trend    // at the end of a load that was long enough

	LoggedIn  int64         // logins that succeeded
	LastLogin time.Duration // since the start
	Online    int64
	Lost      int64 // sessions

	Dropped   int64 // sends that were due too long ago to be made up for
	NotOnline int64 // sends that were due while their client was not logged in
	Blocked   int64 // sends that waited for the ACKs of earlier ones for too long

	Counted time.Duration // time for which messages have counted

	stages []stageFigures // at the end of a load that has any

	gap func(figure) string // returns the reason that a figure cannot be known, "" when it can; nil when all can
}

// Histograms has the distributions of a load, of microseconds. One without values is
// empty, not nil.
type Histograms interface {
	// Latency returns the distribution of a kind, such as reports.KindLogin, on one
	// transport or reports.AllTransports, from reports.FromDue or reports.FromSend.
	Latency(kind reports.LatencyKind, transport, from string) *hdrhistogram.Histogram
	// Lateness returns how late the generator's own sends went out.
	Lateness() *hdrhistogram.Histogram
}

// optionalCounters are those of the ledger that not every run has. Their shares are of what
// was delivered, as they are about messages that arrived.
var optionalCounters = []string{reports.CounterSpurious, reports.CounterCalledLost}

// Counters of the other subjects, by statistic.
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

		reports.CounterSpurious:   func(l reports.Ledger) int64 { return l.Spurious },
		reports.CounterCalledLost: func(l reports.Ledger) int64 { return l.CalledLost },
	}
	sessionCounters = map[string]func(*Figures) int64{
		"logged_in": func(f *Figures) int64 { return f.LoggedIn },
		"online":    func(f *Figures) int64 { return f.Online },
		"lost":      func(f *Figures) int64 { return f.Lost },
	}
	sendCounters = map[string]func(*Figures) int64{
		"dropped":    func(f *Figures) int64 { return f.Dropped },
		"not_online": func(f *Figures) int64 { return f.NotOnline },
		"blocked":    func(f *Figures) int64 { return f.Blocked },
	}
)

// value returns the figure, a time in microseconds; known is false when nothing was measured.
func (f *figure) value(from *Figures, class unitClass) (value float64, known bool) {
	if f.stage > 0 {
		if f.stage > len(from.stages) {
			return 0, false
		}
		from = &from.stages[f.stage-1].Figures
	}
	switch f.subject {
	case figureLedger:
		return f.ledgerValue(from, class)
	case figureSessions:
		return float64(sessionCounters[f.statistic](from)), true
	case figureSends:
		return float64(sendCounters[f.statistic](from)), true
	case figureTarget:
		return f.targetValue(from.Target)
	case figureStorm:
		return f.stormValue(from.Recovery, class)
	case figureRecovery:
		return recoveryTime(from.Recovery, f.percent)
	case figureLateness:
		return f.distributionValue(from.Histograms.Lateness(), from.Counted)
	}
	over := from.Counted
	if f.kind() == reports.KindLogin && f.stage == 0 {
		over = from.LastLogin
	}
	return f.distributionValue(from.Histograms.Latency(f.kind(), f.transport, f.origin), over)
}

func (f *figure) ledgerValue(from *Figures, class unitClass) (value float64, known bool) {
	var counted, all int64
	for _, l := range from.Messages {
		if f.messages != "" && f.messages != l.Kind {
			continue
		}
		counted += ledgerCounters[f.statistic](l)
		if slices.Contains(optionalCounters, f.statistic) {
			all += l.Delivered
		} else {
			all += l.Sent
		}
	}
	if class == unitCount {
		return float64(counted), true
	}
	if all == 0 {
		return 0, false
	}
	return float64(counted) / float64(all), true
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

// recoveryTime returns when a percentage of the dropped clients was logged in again, in
// microseconds since they were dropped; known is false when it never was.
func recoveryTime(r *reports.Recovery, percent float64) (us float64, known bool) {
	if r == nil {
		return 0, false
	}
	ms := map[float64]float64{50: r.P50Ms, 99: r.P99Ms, 100: r.P100Ms}[percent]
	return ms * 1000, ms >= 0
}
