package verdict

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/reports"
)

// stageCounters are the counters of the ledger that a stage has.
var stageCounters = []string{"acknowledged", "delivered", "duplicated", "lost", "missing", "retransmitted", "sent"}

// parseStageFigure reads the name of a figure of a stage, after "stage.".
func parseStageFigure(name, rest string) (f figure, reason string) {
	number, of, found := strings.Cut(rest, ".")
	stage, err := strconv.Atoi(number)
	if err != nil || stage < 1 || !found {
		return f, fmt.Sprintf("%q is not a figure of a stage: write its number, from 1, and the figure, such as stage.2.c2c_delivery.p99", name)
	}
	if f, reason = parseWholeFigure(of); reason == "" {
		reason = f.stageFault()
	}
	f.name, f.stage = name, stage
	return f, reason
}

// stageFault returns the reason that no stage has a figure; "" when one can have it.
func (f *figure) stageFault() string {
	switch {
	case f.isSlope():
		return "a stage has no slopes"
	case f.isLatency():
		if f.transport != reports.AllTransports || f.origin != reports.FromDue {
			return "a stage has the latencies of all transports since due only"
		}
	case f.subject == figureLedger:
		if !slices.Contains(stageCounters, f.statistic) {
			return fmt.Sprintf("the ledger of a stage has no %q: use %s", f.statistic, strings.Join(stageCounters, ", "))
		}
	case f.subject == figureSessions:
		if f.statistic != "lost" {
			return "of sessions a stage has lost only"
		}
	case f.subject != figureSends && f.subject != figureLateness:
		return "a stage has no figures of " + f.subject
	}
	return ""
}

// stageFigures are those of one stage.
type stageFigures struct {
	Figures
	ran bool // the run came to it
}

// stagesOf reads the figures of the stages out of a report. The error is one of decoding.
func stagesOf(l *reports.Load) (list []stageFigures, err error) {
	for i, s := range l.Stages {
		row := stageFigures{ran: s.RanMs > 0, Figures: Figures{
			Lost: s.SessionsLost, Dropped: s.DroppedArrivals, NotOnline: s.OfflineArrivals, Blocked: s.BlockedArrivals,
			Counted: time.Duration(s.RanMs) * time.Millisecond,
		}}
		for _, m := range s.Messages {
			row.Messages = append(row.Messages, reports.Ledger{
				Kind: m.Kind, Sent: m.Sent, Acknowledged: m.Acknowledged, Delivered: m.Delivered, Duplicated: m.Duplicated,
				Retransmits: m.Retransmits, Lost: m.Lost, Missing: m.Missing,
			})
		}
		h := stageHistograms{latencies: map[reports.LatencyKind]*hdrhistogram.Histogram{}, lateness: reports.NewCoarseHistogram()}
		for _, latency := range s.Latencies {
			h.latencies[latency.Kind] = reports.NewCoarseHistogram()
			err = errors.Join(err, addDecoded(h.latencies[latency.Kind], latency.Histogram))
		}
		if err = errors.Join(err, addDecoded(h.lateness, s.LatenessHistogram)); err != nil {
			return nil, fmt.Errorf("stage %d of the report: %w", i+1, err)
		}
		row.Histograms = h
		list = append(list, row)
	}
	return list, nil
}

// stageHistograms are those of one stage, of all transports since due.
type stageHistograms struct {
	latencies map[reports.LatencyKind]*hdrhistogram.Histogram
	lateness  *hdrhistogram.Histogram
}

// Latency implements Histograms.
func (h stageHistograms) Latency(kind reports.LatencyKind, _, _ string) *hdrhistogram.Histogram {
	if found := h.latencies[kind]; found != nil {
		return found
	}
	return reports.NewCoarseHistogram()
}

// Lateness implements Histograms.
func (h stageHistograms) Lateness() *hdrhistogram.Histogram { return h.lateness }

// lacksStage returns the reason that a load does not have the stage of a figure, or a stage
// the figure; "" when it does.
func (m Measured) lacksStage(f figure) string {
	switch {
	case f.stage == 0 || f.stage <= m.Stages:
		return ""
	case m.Stages == 0:
		return "the load has no stages: leave the stage out, or describe some in a scenario file"
	}
	return fmt.Sprintf("the load has %d stages", m.Stages)
}
