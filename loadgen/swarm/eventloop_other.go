//go:build !linux

package swarm

import "errors"

// haveEventLoops: this system has none that could be used.
const haveEventLoops = false

func newEventLoop(*swarm, func(arrival)) (engine, error) {
	return nil, errors.New("there is no event loop on this system")
}
