package loadgen

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/protocol/wire"
	"imcheck/reports"
)

// JudgeReport holds thresholds against what the report of a run has, such as one
// that was put together from shards: by the same rules as a run its own. Those
// that end a run are held at its end, like the others. missing says which part
// of the run the report lacks, and is "" of a whole one: without it no figure is
// that of the run.
//
// The error is a *ConfigError for a figure that such a run does not measure, or
// says what is wrong with the report.
func JudgeReport(thresholds []Threshold, l *reports.Load, missing string) ([]reports.Threshold, error) {
	asked := Config{Scenario: l.Scenario, Thresholds: thresholds}
	for _, t := range wire.Transports {
		if l.Clients[t.String()] > 0 {
			asked.Transports = append(asked.Transports, t)
		}
	}
	if err := asked.checkThresholds(); err != nil {
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
		case wanted.subject == figureRecovery && l.Recovery == nil:
			return "the report does not say how the clients came back"
		case wanted.subject == kindNames[login] && wanted.statistic == statisticRate && l.LastLoginMs == 0 && f.loggedIn > 0:
			return "the report does not say when the last login was"
		}
		return ""
	}
	return judgeAll(thresholds, f), nil
}

// figuresOf reads out of a report what thresholds are held against.
func figuresOf(l *reports.Load) (*figures, error) {
	f := &figures{
		messages: l.Messages, recovery: l.Recovery,
		loggedIn: l.Sessions.LoggedIn, online: l.Sessions.AtEnd,
		dropped: l.Generator.DroppedArrivals, notOnline: l.Generator.OfflineArrivals, blocked: l.Generator.BlockedArrivals,
		lastLogin: time.Duration(math.Round(l.LastLoginMs * float64(time.Millisecond))),
		counted:   time.Duration(l.SteadyMs) * time.Millisecond,
	}
	for _, n := range l.Sessions.LostByCause {
		f.lost += n
	}
	var err error
	f.recorder, err = recorderOf(l)
	return f, err
}

// recorderOf has the histograms of a report. Sums of all transports are left
// aside, and so is what this program does not know: no threshold is on it.
func recorderOf(l *reports.Load) (*recorder, error) {
	r := newRecorder(nil)
	for _, row := range l.Latencies {
		k, o := slices.Index(kindNames[:], row.Kind), slices.Index(origins[:], row.From)
		t, err := wire.ParseTransport(row.Transport)
		if k < 0 || o < 0 || err != nil {
			continue
		}
		if err := addDecoded(r.histogram(kind(k), t, o), row.Histogram); err != nil {
			return nil, fmt.Errorf("the report's %s on %s from %s: %w", row.Kind, row.Transport, row.From, err)
		}
	}
	if err := addDecoded(r.lateness, l.Generator.LatenessHistogram); err != nil {
		return nil, fmt.Errorf("the report's lateness of the generator: %w", err)
	}
	return r, nil
}

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

// OutcomeApart is what the run of a report came to when its thresholds are left
// aside. One that a threshold has ended was shorter than asked for, and stays
// what it came to; so does one with a flood, which comes before thresholds.
func OutcomeApart(l *reports.Load) (reports.Outcome, string) {
	ended := false
	for _, t := range l.Thresholds {
		ended = ended || t.EndedRun
	}
	ended = ended || l.Sessions.LostByCause[causeUnasked] > 0
	if l.Outcome != reports.OutcomeFail || l.Sessions.LoggedIn == 0 || ended || reports.CrossedThresholds(l.Thresholds) == "" {
		return l.Outcome, l.Reason
	}
	r := result{
		ending:   ending{outages: l.Sessions.Outages},
		sessions: sessions{lost: l.Sessions.LostByCause},
		messages: l.Messages, recovery: l.Recovery,
		blocked: l.Generator.BlockedArrivals, notOnline: l.Generator.OfflineArrivals,
		divided: l.Shard.Of > 1,
	}
	return r.accounts()
}
