package reference

import (
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// tamper puts hooks behind those that are there already, so that faults add up.
// make is called for each server: what its hooks remember is its own.
func tamper(make func() server.Hooks) func(*behaviour) {
	return func(c *behaviour) {
		before, behind := c.Hooks, make()
		c.Hooks.Inbound = inTurn(before.Inbound, behind.Inbound)
		c.Hooks.Interpose = oneByOne(before.Interpose, behind.Interpose)
	}
}

func inTurn(before, behind func(*server.Session, server.Inbound) server.Inbound) func(*server.Session, server.Inbound) server.Inbound {
	switch {
	case before == nil:
		return behind
	case behind == nil:
		return before
	}
	return func(from *server.Session, in server.Inbound) server.Inbound { return behind(from, before(from, in)) }
}

func oneByOne(before, behind func(server.Effect) []server.Effect) func(server.Effect) []server.Effect {
	switch {
	case before == nil:
		return behind
	case behind == nil:
		return before
	}
	return func(e server.Effect) (out []server.Effect) {
		for _, e := range before(e) {
			out = append(out, behind(e)...)
		}
		return out
	}
}

// miscount turns the rule of what counts as activity round for some messages.
func miscount(which func(t wire.Type, sent bool) bool) func(*behaviour) {
	return func(c *behaviour) {
		before := c.Hooks.Counts
		c.Hooks.Counts = func(t wire.Type, sent bool) bool {
			counts := !sent
			if before != nil {
				counts = before(t, sent)
			}
			return counts != which(t, sent)
		}
	}
}

// onInbound changes what came in.
func onInbound(change func(from *server.Session, in server.Inbound) server.Inbound) func(*behaviour) {
	return tamper(func() server.Hooks { return server.Hooks{Inbound: change} })
}

// intercept replaces effects.
func intercept(change func(server.Effect) []server.Effect) func(*behaviour) {
	return tamper(func() server.Hooks { return server.Hooks{Interpose: change} })
}

// interceptAfresh is intercept for a fault that remembers something.
func interceptAfresh(make func() func(server.Effect) []server.Effect) func(*behaviour) {
	return tamper(func() server.Hooks { return server.Hooks{Interpose: make()} })
}

// onSend changes the messages of one type; change returns what is sent instead.
func onSend(kind wire.Type, change func(m wire.Message) []wire.Message) func(*behaviour) {
	return onSendAfresh(kind, func() func(wire.Message) []wire.Message { return change })
}

// onSendAfresh is onSend for a fault that remembers something.
func onSendAfresh(kind wire.Type, make func() func(m wire.Message) []wire.Message) func(*behaviour) {
	return interceptAfresh(func() func(server.Effect) []server.Effect {
		change := make()
		return func(e server.Effect) (out []server.Effect) {
			if !sends(e, kind) {
				return unchanged(e)
			}
			for _, m := range change(e.Message) {
				e.Message = m
				out = append(out, e)
			}
			return out
		}
	})
}

func sends(e server.Effect, kind wire.Type) bool {
	return e.Kind == server.Send && e.Message.Type == kind
}

func unchanged(e server.Effect) []server.Effect { return []server.Effect{e} }
