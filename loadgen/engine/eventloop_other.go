//go:build !linux

package engine

import "errors"

// haveEventLoops: this system has none that could be used.
const haveEventLoops = false

func newEventLoop(*Config, *router, func(Arrival)) (Engine, error) {
	return nil, errors.New("there is no event loop on this system")
}
