package reports

// Expiry is when a target gave silent sessions up, in one sense mode on one
// transport.
type Expiry struct {
	SenseMode string  `json:"senseMode"`
	Transport string  `json:"transport"`
	Nominal   float64 `json:"nominalMs"`
	// The session was there up to Earliest and gone at Latest; they are equal
	// where its end shows, and 0 where a case ended before it could tell.
	Earliest  float64 `json:"earliestMs,omitempty"`
	Latest    float64 `json:"latestMs,omitempty"`
	Tolerance float64 `json:"toleranceMs"` // granted on both sides
	Lag       float64 `json:"lagMs"`       // how late the harness itself was meanwhile, at worst
	Verdict   Verdict `json:"verdict"`
}

// Measured writes what is known of the time.
func (e Expiry) Measured() string {
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

// Drift writes how far that is from the nominal time.
func (e Expiry) Drift() string {
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

// signed writes a difference with its sign.
func signed(ms float64) string {
	if ms > 0 {
		return "+" + milliseconds(ms)
	}
	return milliseconds(ms)
}

// expiryTable is the expiries by sense mode and transport.
func expiryTable(all []Expiry) table {
	rows := table{titles: []string{"sense mode", "transport", " nominal", " measured", " drift", " tolerance", " lag", "verdict"}}
	for _, e := range all {
		shown := verdictWords[e.Verdict]
		rows.add(cell{text: e.SenseMode}, cell{text: e.Transport}, cell{text: milliseconds(e.Nominal)},
			cell{text: e.Measured()}, cell{text: e.Drift()}, cell{text: "± " + milliseconds(e.Tolerance)},
			cell{text: milliseconds(e.Lag)}, cell{shown.Word, shown.Class})
	}
	return rows
}
