package suite

import (
	"sync"
	"time"

	"imcheck/protocol/wire"
)

// startGate lets cases begin only as fast as the target answers them: a few at a time
// on each transport, the next when one of them has had its first answer. A check is not
// a load test, and hundreds of logins at once would be one.
type startGate [len(wire.Transports)]chan struct{}

// startsAtOnce bounds the cases that wait for their first answer on one transport, and
// longestStart the time for which they keep others from beginning.
const (
	startsAtOnce = 4
	longestStart = 500 * time.Millisecond
)

func newStartGate() (g startGate) {
	for t := range g {
		g[t] = make(chan struct{}, startsAtOnce)
	}
	return g
}

// enter waits for a slot. The function that it returns frees the slot and may be called
// more than once; the slot is freed after longestStart in any case.
func (g startGate) enter(t wire.Transport) (leave func()) {
	g[t] <- struct{}{}
	leave = sync.OnceFunc(func() { <-g[t] })
	time.AfterFunc(longestStart, leave)
	return leave
}
