package behaviour

import (
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// AddHooks has hooks called after those that are there already, so that several add
// up. Counts is left alone: Miscount changes it.
func (c *Config) AddHooks(more server.Hooks) {
	c.Hooks.Inbound = inTurn(c.Hooks.Inbound, more.Inbound)
	c.Hooks.Interpose = oneByOne(c.Hooks.Interpose, more.Interpose)
}

// Miscount inverts for some messages the decision whether they count as activity.
func (c *Config) Miscount(which func(t wire.Type, sent bool) bool) {
	earlier := c.Hooks.Counts
	c.Hooks.Counts = func(t wire.Type, sent bool) bool {
		counts := !sent
		if earlier != nil {
			counts = earlier(t, sent)
		}
		return counts != which(t, sent)
	}
}

type inboundHook = func(*server.Session, server.Inbound) server.Inbound

// inTurn hands what the first hook returns to the second; either may be nil.
func inTurn(first, second inboundHook) inboundHook {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	}
	return func(from *server.Session, in server.Inbound) server.Inbound { return second(from, first(from, in)) }
}

type effectHook = func(server.Effect) []server.Effect

// oneByOne hands each effect that the first hook returns to the second; either may be
// nil.
func oneByOne(first, second effectHook) effectHook {
	switch {
	case first == nil:
		return second
	case second == nil:
		return first
	}
	return func(e server.Effect) (out []server.Effect) {
		for _, e := range first(e) {
			out = append(out, second(e)...)
		}
		return out
	}
}
