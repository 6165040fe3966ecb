package suite

import (
	"sync"
	"time"

	"imcheck/protocol/wire"
)

// startGate lets cases begin as fast as the target takes them in: a few at a time
// on each transport, the next when one of them has had its first answer. A check is
// not a load test, and hundreds of logins at once are one.
type startGate [len(wire.Transports)]chan struct{}

// startsAtOnce is how many cases wait for their first answer on one transport, and
// longestStart how long they keep others from beginning.
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

// enter waits for a place. The case leaves with the function that it returns, which
// may be called more than once; if it does not, it is put out in time.
func (g startGate) enter(t wire.Transport) (leave func()) {
	g[t] <- struct{}{}
	leave = sync.OnceFunc(func() { <-g[t] })
	time.AfterFunc(longestStart, leave)
	return leave
}
