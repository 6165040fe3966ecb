package gateway

import (
	"net/netip"
	"time"
)

// maxRateSources bounds the sources whose rate is remembered at once.
const maxRateSources = 1 << 16

// rateLimit bounds how often each source may do something. A source that has been idle for a
// second may do all of a second's share at once.
type rateLimit struct {
	perSecond int // 0 means no limit
	sources   map[netip.Addr]allowance
}

// allowance counts what one source may still do.
type allowance struct {
	left float64
	at   time.Time
}

func newRateLimit(perSecond int) rateLimit {
	return rateLimit{perSecond: perSecond, sources: map[netip.Addr]allowance{}}
}

// allows reports whether a source may do it once more, and counts it then.
func (r *rateLimit) allows(now time.Time, source netip.Addr) bool {
	if r.perSecond <= 0 {
		return true
	}
	a, known := r.sources[source]
	if !known {
		r.makeRoom(now)
		a = allowance{float64(r.perSecond), now}
	}
	earned := now.Sub(a.at).Seconds() * float64(r.perSecond)
	a.left, a.at = min(a.left+earned, float64(r.perSecond)), now
	allowed := a.left >= 1
	if allowed {
		a.left--
	}
	r.sources[source] = a
	return allowed
}

// makeRoom forgets sources that have their whole share again, once there are too many; when
// none has, it forgets all.
func (r *rateLimit) makeRoom(now time.Time) {
	if len(r.sources) < maxRateSources {
		return
	}
	for source, a := range r.sources {
		if now.Sub(a.at) >= time.Second {
			delete(r.sources, source)
		}
	}
	if len(r.sources) >= maxRateSources {
		clear(r.sources)
	}
}
