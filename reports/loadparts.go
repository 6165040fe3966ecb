package reports

// Part is a part of the clients of a mix, which had a scenario of its own.
type Part struct {
	Scenario      string  `json:"scenario"`
	Weight        float64 `json:"weight"`                  // as written, in proportion to the other parts
	Clients       int     `json:"clients"`                 // of the whole run
	RatePerSecond float64 `json:"ratePerSecond,omitempty"` // 0 for a scenario that goes by no rate
}
