package server

import (
	"imcheck/harness/wire"
	"imcheck/reference-server/rules"
)

// tamper puts hooks behind those that are there already, so that faults add up.
// make is called for each server: what its hooks remember is its own.
func tamper(make func() rules.Hooks) func(*behaviour) {
	return func(c *behaviour) {
		before, behind := c.Hooks, make()
		c.Hooks.Inbound = inTurn(before.Inbound, behind.Inbound)
		c.Hooks.Interpose = oneByOne(before.Interpose, behind.Interpose)
	}
}

func inTurn(before, behind func(*rules.Session, rules.Inbound) rules.Inbound) func(*rules.Session, rules.Inbound) rules.Inbound {
	switch {
	case before == nil:
		return behind
	case behind == nil:
		return before
	}
	return func(from *rules.Session, in rules.Inbound) rules.Inbound { return behind(from, before(from, in)) }
}

func oneByOne(before, behind func(rules.Effect) []rules.Effect) func(rules.Effect) []rules.Effect {
	switch {
	case before == nil:
		return behind
	case behind == nil:
		return before
	}
	return func(e rules.Effect) (out []rules.Effect) {
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
func onInbound(change func(from *rules.Session, in rules.Inbound) rules.Inbound) func(*behaviour) {
	return tamper(func() rules.Hooks { return rules.Hooks{Inbound: change} })
}

// intercept replaces effects.
func intercept(change func(rules.Effect) []rules.Effect) func(*behaviour) {
	return tamper(func() rules.Hooks { return rules.Hooks{Interpose: change} })
}

// interceptAfresh is intercept for a fault that remembers something.
func interceptAfresh(make func() func(rules.Effect) []rules.Effect) func(*behaviour) {
	return tamper(func() rules.Hooks { return rules.Hooks{Interpose: make()} })
}

// onSend changes the messages of one type; change returns what is sent instead.
func onSend(kind wire.Type, change func(m wire.Message) []wire.Message) func(*behaviour) {
	return onSendAfresh(kind, func() func(wire.Message) []wire.Message { return change })
}

// onSendAfresh is onSend for a fault that remembers something.
func onSendAfresh(kind wire.Type, make func() func(m wire.Message) []wire.Message) func(*behaviour) {
	return interceptAfresh(func() func(rules.Effect) []rules.Effect {
		change := make()
		return func(e rules.Effect) (out []rules.Effect) {
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

func sends(e rules.Effect, kind wire.Type) bool {
	return e.Kind == rules.Send && e.Message.Type == kind
}

func unchanged(e rules.Effect) []rules.Effect { return []rules.Effect{e} }
