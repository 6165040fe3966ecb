// Package impair makes the path to a server bad in a repeatable way. Datagrams
// are lost, doubled, reordered and delayed; byte streams are delayed and stall.
// It wraps a transport.Network, so that framing, TLS and the WebSocket handshake
// run over the bad path as well.
package impair

import (
	"strconv"
	"time"

	"imcheck/protocol/wire"
)

// Direction is one of the two ways of a path.
type Direction uint8

// Directions.
const (
	Out Direction = iota // from this end to the server
	In                   // from the server to this end
)

// Directions lists both.
var Directions = [...]Direction{Out, In}

func (d Direction) String() string {
	if d == In {
		return "in"
	}
	return "out"
}

// Percent is a probability from 0 to 100.
type Percent float64

func (p Percent) String() string { return strconv.FormatFloat(float64(p), 'f', -1, 64) + "%" }

// Impairment is what happens to the traffic of one direction. The zero value
// leaves it alone.
type Impairment struct {
	Drop      Percent // of the datagrams are lost
	Duplicate Percent // of the datagrams arrive twice
	Reorder   Percent // of the datagrams arrive after the next one
	// Everything takes from Delay-Jitter to Delay+Jitter, evenly spread. Jitter is
	// at most Delay, and reorders nothing.
	Delay, Jitter time.Duration
	Stall         Stall // of byte streams
}

// Stall stops a byte stream for Length once in every Period. The zero value
// never does.
type Stall struct{ Length, Period time.Duration }

// ReorderWait bounds how long a reordered datagram waits for the next one. After
// that it is delivered in order.
const ReorderWait = 200 * time.Millisecond

// mostDelay bounds what the impairment adds to one way.
func (i Impairment) mostDelay() time.Duration {
	most := i.Delay + i.Jitter + i.Stall.Length
	if i.Reorder > 0 {
		most += ReorderWait
	}
	return most
}

// loses reports whether datagrams are dropped, doubled or reordered.
func (i Impairment) loses() bool { return i.Drop > 0 || i.Duplicate > 0 || i.Reorder > 0 }

// Policy is the impairment of every transport in both directions.
type Policy struct {
	// Seed decides which datagrams are lost. Seeded reports whether a spec named
	// it; else it is 0.
	Seed   int64
	Seeded bool
	Paths  [len(wire.Transports)][len(Directions)]Impairment
}

// Impairs reports whether anything is impaired on a transport.
func (p Policy) Impairs(kind wire.Transport) bool {
	return p.Paths[kind] != [len(Directions)]Impairment{}
}
