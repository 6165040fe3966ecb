package impair

import (
	"sync/atomic"

	"imcheck/protocol/wire"
)

// counter counts the impairments of one direction.
type counter struct {
	passed, dropped, doubled, reordered atomic.Int64
	bytes, stalls, hurried              atomic.Int64
}

// Count has the impairments of one transport in one direction.
type Count struct {
	Transport wire.Transport
	Direction Direction

	Passed, Dropped    int64 // datagrams; each is one or the other
	Doubled, Reordered int64 // passed datagrams; a reordered one arrived after the next
	DelayedBytes       int64 // bytes of streams that were delayed
	Stalls             int64 // stalls of streams that delayed bytes
	Hurried            int64 // times at which all that a connection had in flight arrived at once; see Path.Hurried
}

// Hurried counts that what a connection had in flight was made to arrive at once, see
// Lane.Hurry.
func (p *Path) Hurried(kind wire.Transport) { p.counters[kind][In].hurried.Add(1) }

// Counts returns the impairments so far, for each transport and direction that is
// impaired. Directions without traffic are left out.
func (p *Path) Counts() (all []Count) {
	if p == nil {
		return nil
	}
	for _, kind := range wire.Transports {
		for _, d := range Directions {
			from := &p.counters[kind][d]
			c := Count{
				Transport: kind, Direction: d,
				Passed: from.passed.Load(), Dropped: from.dropped.Load(),
				Doubled: from.doubled.Load(), Reordered: from.reordered.Load(),
				DelayedBytes: from.bytes.Load(), Stalls: from.stalls.Load(), Hurried: from.hurried.Load(),
			}
			if (p.changes || p.Policy().Paths[kind][d] != (Impairment{})) && c != (Count{Transport: kind, Direction: d}) {
				all = append(all, c)
			}
		}
	}
	return all
}
