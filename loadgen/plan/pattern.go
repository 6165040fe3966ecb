package plan

import "time"

// Pattern describes what is due in a load besides logins and heartbeats, and who it
// concerns. The zero value is nothing. Make others with Shuffled, Turns, Pushes,
// Alternating, Conversations, FanOuts and Mixed.
type Pattern struct {
	kind   patternKind
	rate   float64       // a second, of the whole run
	every  time.Duration // for Conversations: time between two turns of a client
	groups []int         // for Conversations and FanOuts: their sizes
	parts  []Part        // for Mixed
}

type patternKind uint8

const (
	nothing patternKind = iota
	shuffled
	turns
	pushes
	alternating
	conversations
	mixed
	fanOuts
)

// Shuffled draws an order of the clients, and has nothing due.
func Shuffled() Pattern { return Pattern{kind: shuffled} }

// Turns gives clients their turn at a rate a second, such as to log out.
func Turns(rate float64) Pattern { return Pattern{kind: turns, rate: rate} }

// Pushes has the server send messages to clients at a rate a second.
func Pushes(rate float64) Pattern { return Pattern{kind: pushes, rate: rate} }

// Alternating has clients send messages at a rate a second, by turns to the server and
// to their partner.
func Alternating(rate float64) Pattern { return Pattern{kind: alternating, rate: rate} }

// Conversations has clients send a message to each of the others of their conversation
// once every think time. The clients are divided into conversations of these sizes in
// turn, MinGroup to MaxGroup each.
func Conversations(thinkTime time.Duration, sizes []int) Pattern {
	return Pattern{kind: conversations, every: thinkTime, groups: sizes}
}

// Mixed divides the clients into parts, each of which has a pattern of its own.
func Mixed(parts []Part) Pattern { return Pattern{kind: mixed, parts: parts} }

// FanOuts has clients send a message to all others of their group at once, at a rate a
// second. The clients are divided into groups of a size, MinGroup to MaxFanOut.
func FanOuts(rate float64, size int) Pattern {
	return Pattern{kind: fanOuts, rate: rate, groups: []int{size}}
}

// inGroups reports whether a turn is a message to each of the others of a group.
func (p *Pattern) inGroups() bool { return p.kind == conversations || p.kind == fanOuts }
