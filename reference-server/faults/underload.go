package faults

import (
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// UnderLoad lists faults that show only while many messages come: the whole catalogue passes
// against each of them when the server has nothing else to do. They show that cases under
// load find what gives way.
func UnderLoad() []Fault {
	return []Fault{
		{Name: "busy-unacknowledged", Does: "while more than 300 C → S messages a second are to be acknowledged, none of them is", Hooks: remembering(busyUnacknowledged)},
	}
}

// busyFrom is the number of ACKs a second over which a server is busy.
const busyFrom = 300

// busyUnacknowledged remembers when the last messages were to be acknowledged.
func busyUnacknowledged() effectChange {
	var due [busyFrom]time.Time
	next := 0
	return func(e server.Effect) []server.Effect {
		if !sends(e, wire.TypeReceived) || !e.Message.From.Is(wire.ServerID) {
			return unchanged(e)
		}
		now := time.Now()
		earliest := due[next]
		due[next], next = now, (next+1)%busyFrom
		if !earliest.IsZero() && now.Sub(earliest) < time.Second {
			return nil
		}
		return unchanged(e)
	}
}
