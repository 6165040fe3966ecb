package reports

// measuredExpiry writes what is known of the time.
func measuredExpiry(e Expiry) string {
	switch {
	case e.Earliest == 0 && e.Latest == 0:
		return "–"
	case e.Earliest == 0:
		return "before " + milliseconds(e.Latest)
	case e.Latest == 0:
		return "after " + milliseconds(e.Earliest)
	}
	return window(Measurement{Lower: e.Earliest, Upper: e.Latest})
}

// expiryDrift writes how far that is from the nominal time.
func expiryDrift(e Expiry) string {
	early, late := signed(e.Earliest-e.Nominal), signed(e.Latest-e.Nominal)
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
