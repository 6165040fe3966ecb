package reports

import "slices"

// Export says what became of the figures that were sent to one receiver while a run lasted.
type Export struct {
	Protocol string `json:"protocol"`        // "OTLP" or "remote write"
	To       string `json:"to"`              // URL, without what may be secret
	Sent     int64  `json:"sent"`            // exports that were taken, each with all figures
	Failed   int64  `json:"failed"`          // exports that were not
	Skipped  int64  `json:"skipped"`         // times at which the export before was still under way
	End      bool   `json:"end"`             // the figures of the end of the run were taken
	Error    string `json:"error,omitempty"` // why the latest of Failed was not taken
}

// Add adds what became of another run's exports to the same receiver.
func (e *Export) Add(other Export) {
	e.Sent += other.Sent
	e.Failed += other.Failed
	e.Skipped += other.Skipped
	e.End = e.End && other.End
	if other.Error != "" {
		e.Error = other.Error
	}
}

// AddExports adds up rows by protocol and receiver.
func AddExports(rows, others []Export) []Export {
	for _, other := range others {
		i := slices.IndexFunc(rows, func(e Export) bool { return e.Protocol == other.Protocol && e.To == other.To })
		if i < 0 {
			rows = append(rows, other)
			continue
		}
		rows[i].Add(other)
	}
	return rows
}
