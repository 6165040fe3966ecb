package server

import (
	"fmt"
	"slices"
	"time"

	"imcheck/harness/wire"
	"imcheck/reference-server/rules"
)

// Fault is one defect that the reference server can be given, so that a suite
// can be seen to notice it.
type Fault struct {
	Name  string
	Rule  string // what the faulty server does instead of the rule
	apply func(*rules.Config)
}

// FindFaults looks faults up by name.
func FindFaults(names []string) ([]Fault, error) {
	found := make([]Fault, 0, len(names))
	for _, name := range names {
		i := slices.IndexFunc(Faults(), func(f Fault) bool { return f.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("unknown fault %q: --list-faults names them all", name)
		}
		found = append(found, Faults()[i])
	}
	return found, nil
}

// Faults lists every fault: changed policies first, then the application's,
// then those that tamper with what the rules decided.
func Faults() []Fault {
	return slices.Concat(expiryFaults(), qosFaults(), applicationFaults(), messageFaults(), reportFaults())
}

// expiryFaults miss the expiry time of §3 by a second, on one transport each.
func expiryFaults() (faults []Fault) {
	for _, t := range wire.Transports {
		shift := func(by time.Duration) func(*rules.Config) {
			return func(c *rules.Config) { c.Policy.Expiry[t] += by }
		}
		faults = append(faults,
			Fault{"expiry-early-" + t.String(), "sessions on " + t.String() + " expire a second early", shift(-time.Second)},
			Fault{"expiry-late-" + t.String(), "sessions on " + t.String() + " expire a second late", shift(time.Second)})
	}
	return faults
}

// qosFaults break the retransmission and the dedup of §4.
func qosFaults() []Fault {
	return []Fault{
		{"retransmission-missing", "unacknowledged messages are not sent again", func(c *rules.Config) { c.Policy.Retransmission.Retries = 0 }},
		{"retransmission-twice", "unacknowledged messages are sent again twice", func(c *rules.Config) { c.Policy.Retransmission.Retries = 2 }},
		{"retransmission-late", "unacknowledged messages are sent again only after 7 s", func(c *rules.Config) { c.Policy.Retransmission.MinAge = 7 * time.Second }},
		{"dedup-too-short", "fingerprints are forgotten within 200 ms", func(c *rules.Config) {
			c.Policy.DedupMemory, c.Policy.DedupSweep = 100*time.Millisecond, 100*time.Millisecond
		}},
	}
}

// twisted is an application with some of its answers replaced.
type twisted struct {
	rules.Application
	verify func(wire.Code) wire.Code
	allow  func(bool) bool
	store  func(bool) bool
}

func (t twisted) Verify(user, token, extra string) wire.Code {
	return t.verify(t.Application.Verify(user, token, extra))
}
func (t twisted) AllowC2S(m wire.Message) bool     { return t.allow(t.Application.AllowC2S(m)) }
func (t twisted) AllowC2C(m wire.Message) bool     { return t.allow(t.Application.AllowC2C(m)) }
func (t twisted) StoreOffline(m wire.Message) bool { return t.store(t.Application.StoreOffline(m)) }

// twist replaces answers of the application.
func twist(change func(*twisted)) func(*rules.Config) {
	return func(c *rules.Config) {
		t := twisted{
			Application: c.Application,
			verify:      func(code wire.Code) wire.Code { return code },
			allow:       func(ok bool) bool { return ok },
			store:       func(ok bool) bool { return ok },
		}
		change(&t)
		c.Application = t
	}
}

// applicationFaults let the server disregard what its application says (§5).
func applicationFaults() []Fault {
	return []Fault{
		{"verdict-ignored", "every login is accepted", twist(func(t *twisted) {
			t.verify = func(wire.Code) wire.Code { return wire.CodeOK }
		})},
		{"verdict-altered", "a refusal has another code than the application's", twist(func(t *twisted) {
			t.verify = func(code wire.Code) wire.Code {
				if code == wire.CodeOK {
					return code
				}
				return code + 1
			}
		})},
		{"veto-ignored", "vetoed messages are delivered", twist(func(t *twisted) {
			t.allow = func(bool) bool { return true }
		})},
		{"offline-inverted", "what the application stores is taken for not stored, and the other way round", twist(func(t *twisted) {
			t.store = func(ok bool) bool { return !ok }
		})},
	}
}

// intercept adds an interposer behind those that are there already.
func intercept(change func(rules.Effect) []rules.Effect) func(*rules.Config) {
	return func(c *rules.Config) {
		before := c.Interpose
		c.Interpose = func(e rules.Effect) (out []rules.Effect) {
			if before == nil {
				return change(e)
			}
			for _, e := range before(e) {
				out = append(out, change(e)...)
			}
			return out
		}
	}
}

// onSend changes the messages of one type; change returns what is sent instead.
func onSend(kind wire.Type, change func(m wire.Message) []wire.Message) func(*rules.Config) {
	return intercept(func(e rules.Effect) (out []rules.Effect) {
		if e.Kind != rules.Send || e.Message.Type != kind {
			return []rules.Effect{e}
		}
		for _, m := range change(e.Message) {
			e.Message = m
			out = append(out, e)
		}
		return out
	})
}

// Changes to a message.
func dropped(wire.Message) []wire.Message   { return nil }
func doubled(m wire.Message) []wire.Message { return []wire.Message{m, m} }

func altered(change func(m *wire.Message)) func(wire.Message) []wire.Message {
	return func(m wire.Message) []wire.Message {
		change(&m)
		return []wire.Message{m}
	}
}

func otherContent(m *wire.Message) { m.DataContent = wire.Some(m.DataContent.Value() + "!") }

// clientsOnly leaves what the server itself says as it is.
func clientsOnly(change func(m wire.Message) []wire.Message) func(wire.Message) []wire.Message {
	return func(m wire.Message) []wire.Message {
		if m.From.Is(wire.ServerID) {
			return []wire.Message{m}
		}
		return change(m)
	}
}

func serverOnly(change func(m wire.Message) []wire.Message) func(wire.Message) []wire.Message {
	return func(m wire.Message) []wire.Message {
		if !m.From.Is(wire.ServerID) {
			return []wire.Message{m}
		}
		return change(m)
	}
}

// messageFaults tamper with what is sent (§3, §4).
func messageFaults() []Fault {
	return []Fault{
		{"login-response-missing", "logins are not answered", onSend(wire.TypeLoginResponse, dropped)},
		{"first-login-time-altered", "the login response has another first login time", onSend(wire.TypeLoginResponse, altered(otherFirstLoginTime))},
		{"heartbeat-answer-missing", "keep-alives are not answered", onSend(wire.TypeKeepAliveResponse, dropped)},
		{"heartbeat-answer-misaddressed", "the keep-alive response is addressed to nobody", onSend(wire.TypeKeepAliveResponse, altered(func(m *wire.Message) { m.To = wire.Some(wire.NobodyID) }))},
		{"not-logged-in-silent", "a session that is not logged in gets no error 301", onSend(wire.TypeErrorResponse, dropped)},
		{"kick-silent", "a kicked session is not told", onSend(wire.TypeKickout, dropped)},
		{"echo-altered", "an echo comes back changed", onSend(wire.TypeEchoResponse, altered(otherContent))},
		{"c2s-ack-missing", "C → S messages are not acknowledged", onSend(wire.TypeReceived, serverOnly(dropped))},
		{"c2s-ack-wrong-fingerprint", "an ACK of a C → S message names another fingerprint", onSend(wire.TypeReceived, serverOnly(altered(otherContent)))},
		{"c2c-ack-missing", "C → C messages are not acknowledged", onSend(wire.TypeReceived, clientsOnly(dropped))},
		{"c2c-ack-from-server", "the ACK of a C → C message comes from the server", onSend(wire.TypeReceived, altered(func(m *wire.Message) { m.From = wire.Some(wire.ServerID) }))},
		{"c2c-dropped", "C → C messages do not arrive", onSend(wire.TypeData, clientsOnly(dropped))},
		{"c2c-doubled", "C → C messages arrive twice", onSend(wire.TypeData, clientsOnly(doubled))},
		{"c2c-altered", "C → C messages arrive changed", onSend(wire.TypeData, clientsOnly(altered(otherContent)))},
		{"s2c-altered", "S → C messages arrive changed", onSend(wire.TypeData, serverOnly(altered(otherContent)))},
		{"close-missing", "the server never closes a connection", intercept(func(e rules.Effect) []rules.Effect {
			if e.Kind == rules.Close {
				return nil
			}
			return []rules.Effect{e}
		})},
	}
}

func otherFirstLoginTime(m *wire.Message) {
	body, err := wire.ParseLoginResponse(m.DataContent.Value())
	if err == nil && body.Code == wire.CodeOK {
		body.FirstLoginTime -= int64(time.Hour / time.Millisecond)
		m.DataContent = wire.Some(string(body.Append(nil)))
	}
}

// reportFaults keep one kind of event from the application (§5).
func reportFaults() (faults []Fault) {
	for _, kind := range []rules.EventKind{rules.EventC2S, rules.EventLogout, rules.EventLost, rules.EventReceived} {
		faults = append(faults, Fault{string(kind) + "-not-reported", "the application does not hear of: " + string(kind),
			intercept(func(e rules.Effect) []rules.Effect {
				if e.Kind == rules.Report && e.Event.Kind == kind {
					return nil
				}
				return []rules.Effect{e}
			})})
	}
	return faults
}
