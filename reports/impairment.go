package reports

// Impairment describes how a run made the path to the target bad on purpose.
type Impairment struct {
	Specs  []string           `json:"specs"` // as --impair takes them, in a form that is the same for the same impairment
	Seed   int64              `json:"seed"`  // from which losses, delays and stalls are drawn
	Counts []ImpairmentCounts `json:"counts"`
}

// ImpairmentCounts counts what was done to the traffic of one transport in one
// direction.
type ImpairmentCounts struct {
	Transport    string `json:"transport"`
	Direction    string `json:"direction"`              // "out" to the target, "in" from it
	Passed       int64  `json:"passed,omitempty"`       // datagrams that were not dropped
	Dropped      int64  `json:"dropped,omitempty"`      // datagrams
	Doubled      int64  `json:"doubled,omitempty"`      // datagrams that arrived twice
	Reordered    int64  `json:"reordered,omitempty"`    // datagrams that arrived after the next one
	DelayedBytes int64  `json:"delayedBytes,omitempty"` // bytes of streams
	Stalls       int64  `json:"stalls,omitempty"`       // times at which a stream held bytes up
}

// ImpairmentSpecs returns how the path was impaired; nil when it was not.
func (c *Conformance) ImpairmentSpecs() []string {
	if c.Impairment == nil {
		return nil
	}
	return c.Impairment.Specs
}
