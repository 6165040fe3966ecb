package swarm

import (
	"time"

	"imcheck/loadgen/scenario"
	"imcheck/protocol/wire"
)

// script drives what a scenario has a worker do besides logging its clients in,
// keeping their heartbeat and sending the messages of the schedule. Its methods
// are called on the worker's goroutine, busy aside.
type script interface {
	// step does what is due.
	step(now time.Duration)
	// next returns the time at which something is due again.
	next() (due time.Duration, any bool)
	// loggedIn handles a login.
	loggedIn(m *member, event eventContext)
	// heard handles a message that a client was sent, and reports whether the
	// script had asked for it.
	heard(m *member, event eventContext, message wire.Message) (asked bool)
	// busy reports whether something that counts is under way; any goroutine may ask.
	busy() bool
	// stop lets it begin nothing that is due from a time on.
	stop(at time.Duration)
	// end closes the script's books.
	end()
}

// plain is the script of scenarios that have nothing more to do.
type plain struct{}

func (plain) step(time.Duration)                             {}
func (plain) next() (due time.Duration, any bool)            { return 0, false }
func (plain) loggedIn(*member, eventContext)                 {}
func (plain) heard(*member, eventContext, wire.Message) bool { return false }
func (plain) busy() bool                                     { return false }
func (plain) stop(time.Duration)                             {}
func (plain) end()                                           {}

func newScript(w *worker) script {
	switch w.swarm.config.Scenario {
	case scenario.Storm{}.Name():
		return newStorm(w)
	case scenario.Churn{}.Name():
		return newChurn(w)
	case scenario.Echo{}.Name():
		return newEcho(w)
	}
	return plain{}
}
