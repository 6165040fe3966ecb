package impair

import (
	"sync/atomic"

	"imcheck/protocol/wire"
)

// counter counts what was done to the traffic of one direction.
type counter struct {
	passed, dropped, doubled, reordered atomic.Int64
	bytes, stalls                       atomic.Int64
}

// Count is what was done to the traffic of one transport in one direction.
type Count struct {
	Transport wire.Transport
	Direction Direction

	Passed, Dropped    int64 // datagrams: every one is either
	Doubled, Reordered int64 // of those that passed; a reordered one arrived after the next
	DelayedBytes       int64 // of streams: all that were held up
	Stalls             int64 // of streams: those that held bytes up
}

// Counts returns what was done so far, for each transport and direction that is
// impaired. A direction without any traffic is left out.
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
				DelayedBytes: from.bytes.Load(), Stalls: from.stalls.Load(),
			}
			if p.policy.Paths[kind][d] != (Impairment{}) && c != (Count{Transport: kind, Direction: d}) {
				all = append(all, c)
			}
		}
	}
	return all
}
