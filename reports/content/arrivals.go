package content

import (
	"imcheck/reports"
	"imcheck/reports/words"
)

// seenArriving reports whether clients see messages of a kind arrive; of others
// they see the ACK.
func seenArriving(m reports.Ledger) bool { return m.Kind == "c2c" || m.Kind == "s2c" }

// ArrivedWord says what is known of messages of a kind: "delivered", or
// "acknowledged" where no client sees them arrive.
func ArrivedWord(m reports.Ledger) string {
	if seenArriving(m) {
		return "delivered"
	}
	return "acknowledged"
}

// PerSecond is the throughput of the part of a run that counts, in messages a
// second.
func PerSecond(m reports.Ledger, l *reports.Load) float64 {
	n := m.Acknowledged
	if seenArriving(m) {
		n = m.Delivered
	}
	return float64(n) * 1000 / float64(max(1, l.SteadyMs))
}

// Arrivals writes n messages that arrived, or a dash for those to the server, whose
// arrival no client sees.
func Arrivals(m reports.Ledger, n int64) string {
	if m.Kind == "c2s" || m.Kind == "echo" {
		return "–"
	}
	return words.Grouped(n)
}
