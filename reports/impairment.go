package reports

// Impairment describes how a run made the path to the target bad on purpose.
type Impairment struct {
	Specs  []string           `json:"specs"` // as --impair takes them, in a form that is the same for the same impairment
	Seed   int64              `json:"seed"`  // from which losses, delays and stalls are drawn
	Counts []ImpairmentCounts `json:"counts"`
	// AddedMs is the most that delays, stalls and the waits of reordered datagrams add to a
	// round trip, in ms, by transport: the latencies of a load include it. Of loads only.
	AddedMs map[string]float64 `json:"addedMs,omitempty"`
}

// ImpairedMessages counts what a load's own impairment of the path did to its messages of one
// kind. What it accounts for is neither in Lost, Pending and Missing of the ledger, nor the
// target's.
type ImpairedMessages struct {
	Dropped     int64 `json:"dropped"`     // copies and ACKs that were dropped
	Doubled     int64 `json:"doubled"`     // copies and ACKs that arrived twice
	Delayed     int64 `json:"delayed"`     // copies and ACKs that were held back
	Unacked     int64 `json:"unacked"`     // messages without an ACK for that
	Undelivered int64 `json:"undelivered"` // messages that have not arrived for that; 0 for C2S
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
	Hurried      int64  `json:"hurried,omitempty"`      // times at which what a connection held back arrived at once, as all of them held back too much
}

// Add adds the counts of other traffic, whatever its transport and direction.
func (c *ImpairmentCounts) Add(other ImpairmentCounts) {
	c.Passed += other.Passed
	c.Dropped += other.Dropped
	c.Doubled += other.Doubled
	c.Reordered += other.Reordered
	c.DelayedBytes += other.DelayedBytes
	c.Stalls += other.Stalls
	c.Hurried += other.Hurried
}

// ImpairmentSpecs returns how the path was impaired; nil when it was not.
func (c *Conformance) ImpairmentSpecs() []string { return c.Impairment.specs() }

// ImpairmentSpecs returns how the path was impaired; nil when it was not.
func (l *Load) ImpairmentSpecs() []string { return l.Impairment.specs() }

// ImpairmentSeed returns the seed of the impairment; 0 when there is none.
func (l *Load) ImpairmentSeed() int64 {
	if l.Impairment == nil {
		return 0
	}
	return l.Impairment.Seed
}

func (i *Impairment) specs() []string {
	if i == nil {
		return nil
	}
	return i.Specs
}
