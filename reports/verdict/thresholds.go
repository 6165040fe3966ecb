package verdict

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/reports"
)

// Judge compares thresholds with what the report of a load has, such as one that was put
// together from shards. Those that end a run are compared at its end, like the others.
// missing names the part of the run that the report lacks, and is "" for a whole one: without
// it no figure is that of the run.
//
// The error is an *UnmeasuredError, or says what is wrong with the report.
func Judge(thresholds []Threshold, l *reports.Load, missing string) ([]reports.Threshold, error) {
	if err := MeasuredBy(l).Check(thresholds); err != nil {
		return nil, err
	}
	f, err := figuresOf(l)
	if err != nil {
		return nil, err
	}
	f.gap = func(wanted figure) string {
		switch {
		case missing != "":
			return missing
		case wanted.stage > 0:
			if wanted.stage > len(f.stages) || !f.stages[wanted.stage-1].ran {
				return "the run did not come to that stage"
			}
		case wanted.subject == figureTarget:
			return wanted.targetGap(l.TargetUse)
		case wanted.subject == figureRecovery && l.Recovery == nil:
			return "the report does not say how the clients came back"
		case wanted.subject == figureStorm && l.Recovery == nil:
			return "the report does not say how the clients came back"
		case wanted.kind() == reports.KindLogin && wanted.statistic == statisticRate && l.LastLoginMs == 0 && f.LoggedIn > 0:
			return "the report does not say when the last login was"
		case wanted.subject == figureLedger && slices.Contains(optionalCounters, wanted.statistic) && !slices.Contains(l.Counters, wanted.statistic):
			return uncounted[wanted.statistic]
		}
		return ""
	}
	var list []reports.Threshold
	for _, t := range thresholds {
		judged, _ := t.Judge(f)
		list = append(list, judged)
	}
	return list, nil
}

// uncounted says why a report lacks an optional counter.
var uncounted = map[string]string{
	reports.CounterSpurious:   "the report does not say which copies were spurious",
	reports.CounterCalledLost: "the events of the server were not followed: that takes a control API with events, and at most 2,000 messages a second",
}

// Judge compares the threshold with what was measured. known is false while nothing has
// been.
func (t Threshold) Judge(f *Figures) (judged reports.Threshold, known bool) {
	judged = reports.Threshold{Expression: t.text, Unit: t.unit.name}
	if f.gap != nil {
		if judged.Note = f.gap(t.figure); judged.Note != "" {
			judged.Unknown = true
			return judged, false
		}
	}
	if t.figure.isSlope() {
		return t.judgeSlope(f, judged)
	}
	value, known := t.figure.value(f, t.unit.class)
	if !known {
		judged.Note = "nothing was measured"
		return judged, false
	}
	judged.Actual = value / t.unit.factor
	judged.Held = t.holds(judged.Actual)
	return judged, true
}

// figuresOf reads the figures out of a report.
func figuresOf(l *reports.Load) (*Figures, error) {
	away := l.AwayOrNone()
	f := &Figures{
		Messages: blamed(l), Recovery: l.Recovery, Target: l.TargetUse, Trends: l.Trends,
		LoggedIn: l.Sessions.LoggedIn, LastLogin: lastLogin(l), Online: l.Sessions.AtEnd, Lost: lost(l),
		Dropped: l.Generator.DroppedArrivals, NotOnline: l.Generator.OfflineArrivals - away.Offline, Blocked: l.Generator.BlockedArrivals - away.Blocked,
		Counted: time.Duration(l.SteadyMs) * time.Millisecond,
	}
	var err error
	if f.Histograms, err = decode(l); err != nil {
		return nil, err
	}
	f.stages, err = stagesOf(l)
	return f, err
}

// blamed returns the ledgers without what may have gone wrong for an outage of our own.
func blamed(l *reports.Load) (ledgers []reports.Ledger) {
	for _, m := range l.Messages {
		ledgers = append(ledgers, l.Blamed(m))
	}
	return ledgers
}

// lastLogin returns when the last login was, since the start.
func lastLogin(l *reports.Load) time.Duration {
	return time.Duration(math.Round(l.LastLoginMs * float64(time.Millisecond)))
}

// lost returns how many sessions were lost, those aside that the run's own impairment of the
// path has cost.
func lost(l *reports.Load) (n int64) {
	for cause, count := range l.Sessions.LostByCause {
		if cause != reports.CauseImpaired {
			n += count
		}
	}
	return n
}

// reported has the histograms of a report. Sums of all transports are left out, and so
// is what this program does not know: no threshold is on it.
type reported struct {
	latencies map[reports.Series]*hdrhistogram.Histogram
	lateness  *hdrhistogram.Histogram
}

func decode(l *reports.Load) (reported, error) {
	r := reported{latencies: map[reports.Series]*hdrhistogram.Histogram{}, lateness: reports.NewHistogram()}
	for _, row := range l.Latencies {
		s := reports.Series{Kind: row.Kind, Transport: row.Transport, From: row.From}
		if !slices.Contains(reports.LoadTransports, s.Transport) {
			continue
		}
		if r.latencies[s] == nil {
			r.latencies[s] = reports.NewHistogram()
		}
		if err := addDecoded(r.latencies[s], row.Histogram); err != nil {
			return r, fmt.Errorf("the report's %s on %s from %s: %w", row.Kind, row.Transport, row.From, err)
		}
	}
	if err := addDecoded(r.lateness, l.Generator.LatenessHistogram); err != nil {
		return r, fmt.Errorf("the report's lateness of the generator: %w", err)
	}
	return r, nil
}

// Latency implements Histograms.
func (r reported) Latency(kind reports.LatencyKind, transport, from string) *hdrhistogram.Histogram {
	sum := reports.NewHistogram()
	for _, t := range reports.LoadTransports {
		if h := r.latencies[reports.Series{Kind: kind, Transport: t, From: from}]; h != nil && (transport == reports.AllTransports || transport == t) {
			sum.Merge(h)
		}
	}
	return sum
}

// Lateness implements Histograms.
func (r reported) Lateness() *hdrhistogram.Histogram { return r.lateness }

// addDecoded adds a histogram in base64, of which "" has no values.
func addDecoded(sum *hdrhistogram.Histogram, encoded string) error {
	if encoded == "" {
		return nil
	}
	h, err := reports.DecodeHistogram(encoded)
	if err != nil {
		return err
	}
	if dropped := sum.Merge(h); dropped > 0 {
		return fmt.Errorf("%d of its values are out of range", dropped)
	}
	return nil
}

// Measured describes what a load can have thresholds on.
type Measured struct {
	Scenario   string
	Kinds      []string              // kinds of latencies; nil when that is not known
	Messages   []reports.MessageKind // kinds of messages; nil when that is not known
	Recovery   bool                  // return of dropped clients
	Storm      string                // how they were dropped; "" without a storm that has counters
	Transports []string
	// Unwatched is set when nobody watches the target's process.
	Unwatched bool
	Stages    int // number of stages; 0 for a load that is not divided
	// Counted is for how long the load counts; 0 when that is not known.
	Counted time.Duration
}

// Names lists what is measured as Load.Measured does.
func (m Measured) Names() []string {
	if m.Recovery {
		return append(slices.Clone(m.Kinds), reports.MeasuresRecovery)
	}
	return m.Kinds
}

// MeasuredBy returns what the load of a report measures. One of a program of before
// Load.Measured measures what there is a threshold on.
func MeasuredBy(l *reports.Load) Measured {
	m := Measured{Scenario: l.Scenario, Storm: l.Storm, Stages: len(l.Stages), Kinds: l.Measured, Recovery: l.Recovery != nil || slices.Contains(l.Measured, reports.MeasuresRecovery)}
	for _, messages := range l.Messages {
		m.Messages = append(m.Messages, messages.Kind)
	}
	for transport, clients := range l.Clients {
		if clients > 0 {
			m.Transports = append(m.Transports, transport)
		}
	}
	return m
}

// UnmeasuredError reports a threshold on what a load does not measure: it could not
// hold whatever the target does.
type UnmeasuredError struct {
	Index  int // index of the threshold among those that were given
	Text   string
	Reason string // and what to use instead
}

func (e *UnmeasuredError) Error() string { return fmt.Sprintf("%q: %s", e.Text, e.Reason) }

// Check refuses thresholds on what is not measured. The error is an *UnmeasuredError.
func (m Measured) Check(thresholds []Threshold) error {
	for i, t := range thresholds {
		if reason := m.lacks(t.figure); reason != "" {
			return &UnmeasuredError{i, t.text, reason}
		}
	}
	return nil
}

// lacksSlope returns the reason that a load cannot have a figure that is a slope, "" when it
// can or when it is another figure.
func (m Measured) lacksSlope(f figure) string {
	switch {
	case !f.isSlope() || m.Counted == 0:
	case m.Counted < LeastSoak:
		return fmt.Sprintf("a slope shows in a run of which %v or more count, and here %v do: use a longer --duration", LeastSoak, m.Counted)
	case m.Stages > 1:
		return "the load itself changes from stage to stage: use a run without stages for a slope"
	}
	return ""
}

// lacks returns the reason that a load cannot have a figure, "" when it can.
func (m Measured) lacks(f figure) string {
	if reason := cmp.Or(m.lacksSlope(f), m.lacksStage(f)); reason != "" {
		return reason
	}
	switch {
	case f.subject == figureTarget && m.Unwatched:
		return "nobody watches the target: name its process with --target-pid, or its metrics with --target-metrics"
	case f.subject == figureRecovery:
		if !m.Recovery {
			return fmt.Sprintf("there is no recovery in the scenario %s: use storm", m.Scenario)
		}
	case f.subject == figureStorm:
		if of := stormCounters[f.statistic].of; m.Storm != of {
			return fmt.Sprintf("only a storm with how: %s has it", of)
		}
	case f.subject == figureLedger:
		if f.messages != "" && m.Messages != nil && !slices.Contains(m.Messages, f.messages) {
			return fmt.Sprintf("there are no %s messages in the scenario %s", f.messages, m.Scenario)
		}
	case f.isLatency():
		if m.Kinds != nil && !slices.Contains(m.Kinds, f.subject) {
			return fmt.Sprintf("the scenario %s does not measure %s", m.Scenario, f.subject)
		}
		if f.kind() == reports.KindEcho && f.origin == reports.FromDue {
			return "a closed loop has no times at which anything is due: leave .due out"
		}
		if f.transport != reports.AllTransports && !slices.Contains(m.Transports, f.transport) {
			return "no client uses " + f.transport
		}
	}
	return ""
}
