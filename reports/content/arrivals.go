package content

import (
	"imcheck/reports"
	"imcheck/reports/words"
)

// ArrivedWord names the good outcome of messages of a kind that clients see: "delivered", or
// "acknowledged" where no client sees them arrive.
func ArrivedWord(m reports.Ledger) string {
	if m.SeenArriving() {
		return "delivered"
	}
	return "acknowledged"
}

// PerSecond returns the throughput in the steady part of a run, in messages a second.
func PerSecond(m reports.Ledger, l *reports.Load) float64 {
	n := m.Acknowledged
	if m.SeenArriving() {
		n = m.Delivered
	}
	return float64(n) * 1000 / float64(max(1, l.SteadyMs))
}

// Arrivals writes n messages that arrived, or a dash for those whose arrival no
// client sees.
func Arrivals(m reports.Ledger, n int64) string {
	if !m.SeenArriving() {
		return "–"
	}
	return words.Grouped(n)
}
