package drive

import (
	"slices"
	"strings"
	"time"

	"imcheck/protocol/client"
	"imcheck/protocol/qos"
	"imcheck/protocol/wire"
)

// Faults lists every fault, area by area. Each is named after what the client does wrong.
func Faults() []Fault {
	return slices.Concat(loginFaults, heartbeatFaults, qosFaults, endingFaults, messageFaults, networkFaults)
}

var loginFaults = []Fault{
	{Name: "login-extra-missing", Does: "leaves the extra out of its logins", Effects: loginsChanged(func(l *wire.LoginInfo) { l.Extra = wire.Text{} })},
	{Name: "login-token-missing", Does: "logs in with an empty token", Effects: loginsChanged(func(l *wire.LoginInfo) { l.Token = wire.Some("") })},
	{Name: "login-time-invented", Does: "makes up a first login time", Effects: loginsChanged(func(l *wire.LoginInfo) {
		if l.FirstLoginTime == 0 {
			l.FirstLoginTime = 1_700_000_000_000
		}
	})},
	{Name: "login-time-forgotten", Does: "sends first login time 0 with every login", Effects: loginsChanged(func(l *wire.LoginInfo) { l.FirstLoginTime = 0 })},
	{Name: "login-to-nobody", Does: "addresses its logins to -1", Effects: sends(wire.TypeLogin, func(m wire.Message) []wire.Message {
		m.To = wire.Some(wire.NobodyID)
		return []wire.Message{m}
	})},
	{Name: "login-storm", Does: "logs in again and again after a refusal", Again: startsAgain(client.Refused, 300*time.Millisecond)},
	{Name: "refusal-unreported", Does: "does not report a refused login", Effects: without(client.Refused)},
	{Name: "refusal-taken-for-success", Does: "takes a refused login for an accepted one", Receive: received(func(m wire.Message) (wire.Message, bool) {
		if body, err := wire.ParseLoginResponse(m.DataContent.Value()); m.Type == wire.TypeLoginResponse && err == nil && body.Code != wire.CodeOK {
			m.DataContent = wire.Some(string(wire.LoginResponse{FirstLoginTime: 1}.Append(nil)))
		}
		return m, true
	})},
	{Name: "response-ends-session", Does: "takes a second login response for a kick-out", Receive: secondResponseEnds},
	{Name: "login-unreported", Does: "does not report an accepted login", Effects: without(client.LoggedIn)},
	{Name: "login-reported-twice", Does: "reports an accepted login twice", Effects: doubled(client.LoggedIn)},
	{Name: "login-after-refusal-impossible", Does: "logs nobody in any more after a refusal", Effects: noLoginAfter(client.Refused)},
	{Name: "refusal-acknowledged", Does: "acknowledges a refused login", Effects: ackedRefusal},
}

var heartbeatFaults = []Fault{
	{Name: "heartbeat-fast", Does: "sends keep-alives twice as often", Policy: func(p *client.Policy, c client.Config) { p.Heartbeat = c.Mode.Heartbeat() / 2 }},
	{Name: "heartbeat-slow", Does: "sends keep-alives at half the pace", Policy: func(p *client.Policy, c client.Config) { p.Heartbeat = 2 * c.Mode.Heartbeat() }},
	{Name: "heartbeat-missing", Does: "sends no keep-alives", Effects: sends(wire.TypeKeepAlive, func(wire.Message) []wire.Message { return nil })},
	{Name: "heartbeat-without-content", Does: "leaves the content out of its keep-alives", Effects: sends(wire.TypeKeepAlive, func(m wire.Message) []wire.Message {
		m.DataContent = wire.Text{}
		return []wire.Message{m}
	})},
	{Name: "heartbeat-missing-after-relogin", Does: "sends no keep-alives after its second login", Effects: heartbeatOfFirstLogin},
	{Name: "heartbeat-put-off", Does: "sends no keep-alive within an interval of other messages", Effects: putOff},
	{Name: "give-up-early", Does: "gives up after half of the time", Policy: func(p *client.Policy, c client.Config) { p.GiveUp = c.Mode.GiveUp(c.Transport)/2 - time.Second }},
	{Name: "give-up-late", Does: "gives up after twice the time", Policy: func(p *client.Policy, c client.Config) { p.GiveUp = 2 * c.Mode.GiveUp(c.Transport) }},
	{Name: "give-up-never", Does: "waits for answers for ever", Policy: func(p *client.Policy, _ client.Config) { p.GiveUp = time.Hour }},
	{Name: "link-close-unreported", Does: "does not report that its link is closed", Effects: without(client.LinkClosed)},
	{Name: "link-close-reported-twice", Does: "reports the end of its link twice", Effects: doubled(client.LinkClosed)},
	{Name: "login-slow", Does: "lets 12 s pass between two logins", Policy: func(p *client.Policy, _ client.Config) { p.Relogin = 12 * time.Second }},
	{Name: "login-hasty", Does: "lets 300 ms pass between two logins", Policy: func(p *client.Policy, _ client.Config) { p.Relogin = 300 * time.Millisecond }},
	{Name: "not-logged-in-ignored", Does: "ignores error 301", Receive: received(func(m wire.Message) (wire.Message, bool) { return m, m.Type != wire.TypeErrorResponse })},
}

var qosFaults = []Fault{
	{Name: "ack-missing", Does: "acknowledges nothing", Effects: sends(wire.TypeReceived, func(wire.Message) []wire.Message { return nil })},
	{Name: "ack-twice", Does: "acknowledges everything twice", Effects: sends(wire.TypeReceived, func(m wire.Message) []wire.Message { return []wire.Message{m, m} })},
	{Name: "ack-of-wrong-fp", Does: "acknowledges another fingerprint", Effects: acksChanged(func(m *wire.Message) { m.DataContent = wire.Some("x" + m.DataContent.Value()) })},
	{Name: "ack-without-bridge", Does: "writes bridge false into every ACK", Effects: acksChanged(func(m *wire.Message) { m.Bridge = false })},
	{Name: "ack-to-server", Does: "addresses every ACK to the server", Effects: acksChanged(func(m *wire.Message) { m.To = wire.Some(wire.ServerID) })},
	{Name: "ack-without-qos", Does: "acknowledges messages without QoS", Receive: qosAssumed},
	{Name: "duplicate-shown", Does: "shows duplicates", Effects: duplicatesShown},
	{Name: "duplicate-unacknowledged", Does: "acknowledges the first copy only", Effects: firstACKOnly},
	{Name: "dedup-short", Does: "remembers fingerprints for a second", Policy: func(p *client.Policy, _ client.Config) { p.DedupMemory = time.Second }},
	{Name: "never-retransmits", Does: "sends nothing again", Effects: firstCopyOnly},
	{Name: "retransmits-endlessly", Does: "sends again for ever", Policy: retransmits(qos.Policy{Sweep: qos.SweepEvery, MinAge: 3 * time.Second, Retries: 1000})},
	{Name: "retransmits-once", Does: "sends again once only", Policy: retransmits(qos.Policy{Sweep: qos.SweepEvery, MinAge: 3 * time.Second, Retries: 1})},
	{Name: "retransmits-early", Does: "sends again after a second", Policy: retransmits(qos.Policy{Sweep: time.Second, MinAge: time.Second / 2, Retries: 2})},
	{Name: "retransmits-with-new-fp", Does: "sends again with another fingerprint", Effects: newFingerprints},
	{Name: "fingerprint-repeated", Does: "gives all messages the same fingerprint", Effects: sends(wire.TypeData, func(m wire.Message) []wire.Message {
		if fp := m.Fingerprint.Value(); len(fp) == 36 && strings.Count(fp, "-") == 4 { // one that it made up
			m.Fingerprint = wire.Some("00000000-0000-4000-8000-000000000000")
		}
		return []wire.Message{m}
	})},
	{Name: "sends-again-without-qos", Does: "sends what needs no ACK twice", Effects: sends(wire.TypeData, func(m wire.Message) []wire.Message {
		if m.QoS {
			return []wire.Message{m}
		}
		return []wire.Message{m, m}
	})},
	{Name: "lost-unreported", Does: "does not report lost messages", Effects: without(client.Lost)},
	{Name: "received-unreported", Does: "does not report ACKs", Effects: without(client.Received)},
	{Name: "ack-ignored", Does: "ignores ACKs", Receive: received(func(m wire.Message) (wire.Message, bool) { return m, m.Type != wire.TypeReceived })},
}

var endingFaults = []Fault{
	{Name: "kick-unreported", Does: "does not report that it was kicked out", Effects: without(client.KickedOut)},
	{Name: "kick-code-wrong", Does: "reports another code of a kick-out", Effects: mapped(func(e client.Effect) client.Effect {
		if e.Kind == client.KickedOut {
			e.Code++
		}
		return e
	})},
	{Name: "login-after-kick", Does: "logs in again after it was kicked out", Again: startsAgain(client.KickedOut, time.Second)},
	{Name: "login-after-kick-impossible", Does: "logs nobody in any more after a kick-out", Effects: noLoginAfter(client.KickedOut)},
	{Name: "queue-kept", Does: "sends what was not acknowledged when the next user logs in", Effects: queueKept},
	{Name: "logout-unsent", Does: "closes without a logout", Effects: sends(wire.TypeLogout, func(wire.Message) []wire.Message { return nil })},
	{Name: "logout-twice", Does: "sends its logout twice", Effects: sends(wire.TypeLogout, func(m wire.Message) []wire.Message { return []wire.Message{m, m} })},
}

var messageFaults = []Fault{
	{Name: "typeu-lost", Does: "sends every message with typeu -1", Effects: sends(wire.TypeData, func(m wire.Message) []wire.Message {
		m.UserType = -1
		return []wire.Message{m}
	})},
	{Name: "content-trimmed", Does: "shows the first 16 bytes of a message", Receive: received(func(m wire.Message) (wire.Message, bool) {
		if text := m.DataContent.Value(); m.Type == wire.TypeData && len(text) > 16 {
			m.DataContent = wire.Some(text[:16])
		}
		return m, true
	})},
	{Name: "unknown-type-shown", Does: "shows messages of any type", Receive: received(func(m wire.Message) (wire.Message, bool) {
		if m.Type > wire.TypeEcho && m.Type < wire.TypeLoginResponse || m.Type > wire.TypeKickout {
			m.Type = wire.TypeData
		}
		return m, true
	})},
	{Name: "stamped-ignored", Does: "ignores messages with a stamp", Receive: received(func(m wire.Message) (wire.Message, bool) { return m, m.ServerTime < 0 })},
	{Name: "stops-reading", Does: "handles nothing after its third message", Receive: stopsReading},
}
