// Package live makes a page that follows a run as it goes on: a load, a search for the capacity
// of a server, or the measurement of expiries in several sense modes. It shows the same figures in
// the same way as the report that comes in the end: its charts, tiles and tables are those of
// reports/page. A Board has the latest state of a run, and serves the page to whoever looks on.
package live

import (
	"slices"

	"imcheck/reports"
)

// State describes a run at one moment. Times are in milliseconds.
type State struct {
	Title     string `json:"title"`               // what is run, such as "Load, scenario steady"
	Target    string `json:"target,omitempty"`    // addresses of the target
	Phase     string `json:"phase"`               // what is under way, in words
	ElapsedMs int64  `json:"elapsedMs"`           // since the start
	PlannedMs int64  `json:"plannedMs,omitempty"` // until the end; 0 when it is not known

	Ended   bool            `json:"ended"`             // there is a report, and nothing changes any more
	Outcome reports.Outcome `json:"outcome,omitempty"` // of a run that has ended, as the next two
	Summary string          `json:"summary,omitempty"`
	Reason  string          `json:"reason,omitempty"`

	Load     *Load             `json:"load,omitempty"`     // of a search that of the step that is under way, or of the last
	Search   *reports.Capacity `json:"search,omitempty"`   // as far as a search has come
	Expiries []Expiry          `json:"expiries,omitempty"` // of a run in several sense modes
}

// Load has the figures of a load so far.
type Load struct {
	Clients    int            `json:"clients"`                // asked for
	ClosedLoop bool           `json:"closedLoop,omitempty"`   // as in the report
	Second     reports.Sample `json:"second"`                 // the last second
	Total      reports.Sample `json:"total"`                  // everything so far, warm-up included; without percentiles
	Late       bool           `json:"late,omitempty"`         // in the last second the generator was too late for its figures to be the target's
	InProcess  bool           `json:"inProcess,omitempty"`    // the server is in the process of the generator
	Errors     []Count        `json:"errors,omitempty"`       // by cause; only what there was
	Lost       []Count        `json:"lostSessions,omitempty"` // the same of the sessions that were lost
	// Latencies so far, of what counts, over all transports.
	Latencies []reports.Latency `json:"latencies,omitempty"`
	// Timeline has the course of the run, in History.Per seconds each.
	Timeline []reports.Sample `json:"timeline"`
	Per      int              `json:"secondsPerSample"`
}

// Count is how often something happened.
type Count struct {
	Cause string `json:"cause"`
	Count int64  `json:"count"`
}

// Expiry is a sense mode on one transport, and what is known of when silent sessions end in it.
type Expiry struct {
	reports.Expiry       // only Nominal is known before it is measured; Verdict is "" then
	Begun          bool  `json:"begun"`             // it is being measured, or was
	SinceMs        int64 `json:"sinceMs,omitempty"` // for which it has been measured so far
	Cases          int   `json:"cases"`             // cases that are about it
	Done           int   `json:"done"`              // those that have ended
	Bad            int   `json:"bad"`               // those that did not hold
}

// Measured reports whether it is known when the session ended, or that this is not to be known.
func (e Expiry) Measured() bool { return e.Verdict != "" }

// MaxExpiries bounds the sense modes on transports that a page shows. There are fewer.
const MaxExpiries = 100

// clone returns a state that shares nothing that may still change.
func (s *State) clone() State {
	c := *s
	if s.Load != nil {
		load := *s.Load
		c.Load = &load
	}
	if s.Search != nil {
		search := *s.Search
		search.Steps = slices.Clone(search.Steps)
		c.Search = &search
	}
	c.Expiries = slices.Clone(s.Expiries)
	return c
}
