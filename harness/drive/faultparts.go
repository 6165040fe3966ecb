package drive

import (
	"time"

	"imcheck/protocol/client"
	"imcheck/protocol/qos"
	"imcheck/protocol/wire"
)

// The parts that faults are made of.

type (
	effectsMaker  = func() changer
	receiverMaker = func() receiver
)

// each replaces every effect by any number of others.
func each(change func(e client.Effect) []client.Effect) effectsMaker {
	return func() func([]client.Effect) []client.Effect {
		return func(effects []client.Effect) (changed []client.Effect) {
			for _, e := range effects {
				changed = append(changed, change(e)...)
			}
			return changed
		}
	}
}

func mapped(change func(e client.Effect) client.Effect) effectsMaker {
	return each(func(e client.Effect) []client.Effect { return []client.Effect{change(e)} })
}

// without leaves out effects of a kind.
func without(kind client.EffectKind) effectsMaker {
	return each(func(e client.Effect) []client.Effect {
		if e.Kind == kind {
			return nil
		}
		return []client.Effect{e}
	})
}

func doubled(kind client.EffectKind) effectsMaker {
	return each(func(e client.Effect) []client.Effect {
		if e.Kind == kind {
			return []client.Effect{e, e}
		}
		return []client.Effect{e}
	})
}

// sends replaces the messages of a type that are sent by any number of others.
func sends(kind wire.Type, change func(m wire.Message) []wire.Message) effectsMaker {
	return each(func(e client.Effect) (changed []client.Effect) {
		if e.Kind != client.Send || e.Message.Type != kind {
			return []client.Effect{e}
		}
		for _, m := range change(e.Message) {
			changed = append(changed, client.Effect{Kind: client.Send, Message: m})
		}
		return changed
	})
}

func loginsChanged(change func(l *wire.LoginInfo)) effectsMaker {
	return sends(wire.TypeLogin, func(m wire.Message) []wire.Message {
		info, err := wire.ParseLoginInfo(m.DataContent.Value())
		if err == nil {
			change(&info)
			m.DataContent = wire.Some(string(info.Append(nil)))
		}
		return []wire.Message{m}
	})
}

func acksChanged(change func(m *wire.Message)) effectsMaker {
	return sends(wire.TypeReceived, func(m wire.Message) []wire.Message {
		change(&m)
		return []wire.Message{m}
	})
}

func received(change func(m wire.Message) (wire.Message, bool)) receiverMaker {
	return func() func(wire.Message) (wire.Message, bool) { return change }
}

func startsAgain(after client.EffectKind, pause time.Duration) func(last client.EffectKind) (time.Duration, bool) {
	return func(last client.EffectKind) (time.Duration, bool) { return pause, last == after }
}

func retransmits(own qos.Policy) func(p *client.Policy, c client.Config) {
	return func(p *client.Policy, _ client.Config) { p.Retransmission = own }
}

// ackedRefusal sends an ACK before the client ends on a refusal.
func ackedRefusal() func([]client.Effect) []client.Effect {
	return func(effects []client.Effect) (changed []client.Effect) {
		for _, e := range effects {
			if e.Kind == client.Refused && e.Message.QoS {
				changed = append(changed, client.Effect{Kind: client.Send, Message: wire.NewReceived(e.Message)})
			}
			changed = append(changed, e)
		}
		return changed
	}
}

// heartbeatOfFirstLogin leaves out the keep-alives after a second login.
func heartbeatOfFirstLogin() func([]client.Effect) []client.Effect {
	logins := 0
	return each(func(e client.Effect) []client.Effect {
		if e.Kind == client.LoggedIn {
			logins++
		}
		if e.Kind == client.Send && e.Message.Type == wire.TypeKeepAlive && logins > 1 {
			return nil
		}
		return []client.Effect{e}
	})()
}

func duplicatesShown() func([]client.Effect) []client.Effect {
	return mapped(func(e client.Effect) client.Effect {
		if e.Kind == client.Duplicate {
			e.Kind = client.Delivered
		}
		return e
	})()
}

// firstACKOnly leaves out further ACKs of a fingerprint.
func firstACKOnly() func([]client.Effect) []client.Effect {
	return onceEach(wire.TypeReceived, func(m wire.Message) string { return m.DataContent.Value() })
}

// firstCopyOnly leaves out further copies of data.
func firstCopyOnly() func([]client.Effect) []client.Effect {
	return onceEach(wire.TypeData, func(m wire.Message) string { return m.Fingerprint.Value() })
}

func onceEach(kind wire.Type, key func(m wire.Message) string) func([]client.Effect) []client.Effect {
	seen := map[string]bool{}
	return sends(kind, func(m wire.Message) []wire.Message {
		if k := key(m); k != "" && seen[k] {
			return nil
		}
		seen[key(m)] = true
		return []wire.Message{m}
	})()
}

// newFingerprints gives further copies of data other fingerprints.
func newFingerprints() func([]client.Effect) []client.Effect {
	seen := map[string]bool{}
	return sends(wire.TypeData, func(m wire.Message) []wire.Message {
		if fp := m.Fingerprint.Value(); fp != "" && seen[fp] {
			m.Fingerprint = wire.Some(wire.NewFingerprint())
		} else {
			seen[fp] = true
		}
		return []wire.Message{m}
	})()
}

// qosAssumed takes data without QoS for data with it.
func qosAssumed() func(wire.Message) (wire.Message, bool) {
	return func(m wire.Message) (wire.Message, bool) {
		if m.Type == wire.TypeData && !m.QoS {
			m.QoS = true
			if !m.Fingerprint.Present() {
				m.Fingerprint = wire.Some(wire.NewFingerprint())
			}
		}
		return m, true
	}
}

// stopsReading ignores everything after the third message that is shown.
func stopsReading() func(wire.Message) (wire.Message, bool) {
	shown := 0
	return func(m wire.Message) (wire.Message, bool) {
		if m.Type == wire.TypeData {
			shown++
		}
		return m, shown <= 3
	}
}

// noLoginAfter leaves out every login after an effect of a kind.
func noLoginAfter(kind client.EffectKind) effectsMaker {
	return func() func([]client.Effect) []client.Effect {
		over := false
		return each(func(e client.Effect) []client.Effect {
			over = over || e.Kind == kind
			if over && e.Kind == client.Send && e.Message.Type == wire.TypeLogin {
				return nil
			}
			return []client.Effect{e}
		})()
	}
}

// putOff leaves out keep-alives that follow other messages within 3 s.
func putOff() func([]client.Effect) []client.Effect {
	var last time.Time
	return each(func(e client.Effect) []client.Effect {
		switch {
		case e.Kind != client.Send:
		case e.Message.Type == wire.TypeData:
			last = time.Now()
		case e.Message.Type == wire.TypeKeepAlive && time.Since(last) < 3*time.Second:
			return nil
		}
		return []client.Effect{e}
	})()
}

// queueKept sends the messages that were not acknowledged after the login of another user.
func queueKept() func([]client.Effect) []client.Effect {
	waiting := map[string]wire.Message{}
	return each(func(e client.Effect) []client.Effect {
		all := []client.Effect{e}
		switch {
		case e.Kind == client.Send && e.Message.Type == wire.TypeData && e.Message.QoS:
			waiting[e.Message.Fingerprint.Value()] = e.Message
		case e.Kind == client.Received || e.Kind == client.Lost:
			delete(waiting, e.Message.Fingerprint.Value())
		case e.Kind == client.LoggedIn:
			for _, m := range waiting {
				if m.From != e.Message.To {
					all = append(all, client.Effect{Kind: client.Send, Message: m})
				}
			}
		}
		return all
	})()
}

// secondResponseEnds takes a login response for a kick-out that follows another within a
// second.
func secondResponseEnds() func(wire.Message) (wire.Message, bool) {
	var last time.Time
	return func(m wire.Message) (wire.Message, bool) {
		if m.Type != wire.TypeLoginResponse {
			return m, true
		}
		soon := time.Since(last) < time.Second
		if last = time.Now(); soon {
			m = wire.NewKickout(m.To.Value(), wire.Kickout{Code: wire.KickDuplicateLogin})
		}
		return m, true
	}
}
