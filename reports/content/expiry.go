package content

import (
	"imcheck/reports"
	"imcheck/reports/words"
)

// MeasuredExpiry writes when a session ended, as far as that is known.
func MeasuredExpiry(e reports.Expiry) string {
	switch {
	case e.Earliest == 0 && e.Latest == 0:
		return "–"
	case e.Earliest == 0:
		return "before " + words.Milliseconds(e.Latest)
	case e.Latest == 0:
		return "after " + words.Milliseconds(e.Earliest)
	}
	return Window(reports.Measurement{Lower: e.Earliest, Upper: e.Latest})
}

// ExpiryDrift writes how far from the nominal time a session ended.
func ExpiryDrift(e reports.Expiry) string {
	early, late := words.Signed(e.Earliest-e.Nominal), words.Signed(e.Latest-e.Nominal)
	switch {
	case e.Earliest == 0 && e.Latest == 0:
		return "–"
	case e.Earliest == 0:
		return "below " + late
	case e.Latest == 0:
		return "over " + early
	case e.Earliest == e.Latest:
		return early
	}
	return early + " to " + late
}
