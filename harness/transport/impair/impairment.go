// Package impair impairs the path to a server, or to the clients of one that a test plays,
// in a repeatable way. Datagrams are lost,
// duplicated, reordered and delayed; byte streams are delayed and stall. It wraps a
// transport.Network, so that framing, TLS and the WebSocket handshake are impaired too.
package impair

import (
	"strconv"
	"time"

	"imcheck/protocol/wire"
)

// Direction is one of the two directions of a path.
type Direction uint8

// The directions.
const (
	Out Direction = iota // from this end to the other
	In                   // from the other end to this one
)

// Directions lists both directions.
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

// Impairment describes the impairment of one direction. The zero value means none.
type Impairment struct {
	Drop      Percent // share of datagrams that are lost
	Duplicate Percent // share of datagrams that arrive twice
	Reorder   Percent // share of datagrams that arrive after the next one
	// Traffic is delayed by Delay-Jitter to Delay+Jitter, uniformly distributed. Jitter
	// is at most Delay, and reorders nothing.
	Delay, Jitter time.Duration
	Stall         Stall // for byte streams
}

// Stall stops a byte stream for Length once in every Period. The zero value means never.
type Stall struct{ Length, Period time.Duration }

// ReorderWait is the time for which a reordered datagram waits for the next one. After
// that it is delivered in order.
const ReorderWait = 200 * time.Millisecond

// mostDelay returns the largest delay that the impairment adds to one direction.
func (i Impairment) mostDelay() time.Duration {
	most := i.Delay + i.Jitter + i.Stall.Length
	if i.Reorder > 0 {
		most += ReorderWait
	}
	return most
}

// loses reports whether datagrams are dropped, duplicated or reordered.
func (i Impairment) loses() bool { return i.Drop > 0 || i.Duplicate > 0 || i.Reorder > 0 }

// Policy has the impairment of every transport in both directions.
type Policy struct {
	// Seed determines which datagrams are lost. Seeded is true if a spec has set it;
	// otherwise it is 0.
	Seed   int64
	Seeded bool
	Paths  [len(wire.Transports)][len(Directions)]Impairment
}

// Impairs reports whether anything is impaired on a transport.
func (p Policy) Impairs(kind wire.Transport) bool {
	return p.Paths[kind] != [len(Directions)]Impairment{}
}
