package plan

import (
	"math"
	"sort"
	"time"
)

// curve is a rate over time that is constant or linear in pieces, and computes which turn
// is due when. Everything that counts is a whole number, so that nothing drifts and all
// shards agree: turns are counted in halves of a turn times a nanosecond of every, in which
// the integral over a piece has no fraction.
type curve struct {
	every  uint64 // nanoseconds; rates are turns in this time
	pieces []piece
}

// piece is a part of a curve. The last one has no end.
type piece struct {
	from, length uint64 // nanoseconds
	begin, end   uint64 // rates, over 0; equal in the last piece
	before       wide   // what the pieces before it add up to
}

// newCurve returns a curve that begins with a rate, in turns in the time every.
func newCurve(every time.Duration, rate uint64) *curve {
	return &curve{every: uint64(every), pieces: []piece{{begin: rate, end: rate}}}
}

// add appends a piece after the last one, which gets its length. The rate is constant from
// there on, or with linear goes evenly from the one before to this one, in the time that
// the next call gives it.
func (c *curve) add(length time.Duration, rate uint64, linear bool) {
	last := &c.pieces[len(c.pieces)-1]
	last.length = uint64(length)
	next := piece{from: last.from + last.length, begin: rate, end: rate, before: last.before.plus(last.whole())}
	if linear {
		next.begin = last.end
	}
	c.pieces = append(c.pieces, next)
}

// close appends a last piece, in which the rate stays what it has become.
func (c *curve) close(length time.Duration) {
	c.add(length, c.pieces[len(c.pieces)-1].end, false)
}

// whole returns the integral over a piece that has a length.
func (p *piece) whole() wide { return times(p.begin+p.end, p.length) }

// until returns the integral over the first part of a piece, times its length where the
// rate is not constant.
func (p *piece) until(t uint64) wide {
	if p.begin == p.end {
		return times(2*p.begin, t)
	}
	total := times(2*p.begin, p.length).times(t)
	if p.end > p.begin {
		return total.plus(times(t, t).times(p.end - p.begin))
	}
	return total.minus(times(t, t).times(p.begin - p.end))
}

// due returns when a turn is due, the first being number 0: where the integral reaches its
// number, rounded down.
func (c *curve) due(n uint64) time.Duration {
	target := times(2*n, c.every)
	i := sort.Search(len(c.pieces), func(i int) bool { return target.less(c.pieces[i].before) }) - 1
	p := &c.pieces[i]
	rest := target.minus(p.before)
	if p.begin == p.end {
		t, _ := rest.over(2 * p.begin)
		return time.Duration(p.from + t.low)
	}
	return time.Duration(p.from + p.reaching(rest))
}

// reaching returns the last time of a linear piece until which its integral is not above
// the one wanted.
func (p *piece) reaching(wanted wide) uint64 {
	wantedTimes := wanted.times(p.length)
	above := func(t uint64) bool { return wantedTimes.less(p.until(t)) }
	// A guess is off by little; whether it is, is exact.
	begin, slope, w := float64(p.begin), (float64(p.end)-float64(p.begin))/float64(p.length), wanted.float()
	guess := uint64(min(w/(begin+math.Sqrt(max(0, begin*begin+slope*w))), float64(p.length)))
	low, high := guess, guess+1 // !above(low), above(high)
	for step := uint64(1); low > 0 && above(low); step *= 2 {
		high, low = low, low-min(low, step)
	}
	for step := uint64(1); high <= p.length && !above(high); step *= 2 {
		low, high = high, high+step
	}
	high = min(high, p.length) // at its end the integral is above
	return low + uint64(sort.Search(int(high-low-1), func(i int) bool { return above(low + 1 + uint64(i)) }))
}

// dueBefore returns how many turns are due before a time.
func (c *curve) dueBefore(before time.Duration) uint64 {
	if before <= 0 {
		return 0
	}
	at := uint64(before)
	i := sort.Search(len(c.pieces), func(i int) bool { return at <= c.pieces[i].from }) - 1
	p := &c.pieces[i]
	reached := p.until(at - p.from)
	if p.begin != p.end {
		reached = reached.roundedUp(p.length)
	}
	return p.before.plus(reached).roundedUp(2 * c.every).low
}

// between returns how many turns are due from one time until another, one at least.
func (c *curve) between(from, until time.Duration) uint64 {
	return max(1, c.dueBefore(until)-c.dueBefore(from))
}

// highest returns the highest rate, in turns in the time every.
func (c *curve) highest() (rate uint64) {
	for _, p := range c.pieces {
		rate = max(rate, p.begin, p.end)
	}
	return rate
}
