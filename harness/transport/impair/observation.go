package impair

import "imcheck/protocol/wire"

// Effect is one thing that happens to a single datagram.
type Effect string

// The effects.
const (
	Dropped   Effect = "dropped"
	Doubled   Effect = "doubled"
	Reordered Effect = "reordered"
)

// Observation tells what became of a datagram.
type Observation struct {
	Effect     Effect
	Connection string // its name, as WithName gave it
	Transport  wire.Transport
	Direction  Direction
	Data       []byte // valid during the call
}

// observer returns a function that tells the observer of the path of one direction of a
// connection; nil if nobody observes.
func (p *Path) observer(name string, kind wire.Transport, d Direction) func(Effect, []byte) {
	if p.observe == nil {
		return nil
	}
	return func(e Effect, data []byte) { p.observe(Observation{e, name, kind, d, data}) }
}
