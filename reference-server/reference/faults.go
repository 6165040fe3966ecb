package reference

import (
	"fmt"
	"math"
	"slices"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// Fault is one defect that the reference server can be given, so that a suite
// can be seen to notice it.
type Fault struct {
	Name  string
	Rule  string // what the faulty server does instead of the rule
	apply func(*behaviour)
}

// FindFaults looks faults up by name.
func FindFaults(names []string) ([]Fault, error) {
	known := Faults()
	found := make([]Fault, 0, len(names))
	for _, name := range names {
		i := slices.IndexFunc(known, func(f Fault) bool { return f.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("unknown fault %q: --list-faults names them all", name)
		}
		found = append(found, known[i])
	}
	return found, nil
}

// Faults lists every fault: changed policies first, then the application's,
// then those that tamper with what came in, and with what the rules decided, then
// with the bytes of a stream; last the quirks of the observed server, one by one.
func Faults() []Fault {
	return slices.Concat(
		expiryFaults(), qosFaults(), limitFaults(), applicationFaults(),
		decodingFaults(), typeFaults(), activityFaults(), takeoverFaults(), routingFaults(),
		sessionFaults(), deliveryFaults(), stampFaults(), closeFaults(), reportFaults(), eventFaults(), askedFaults(), logoutFaults(),
		tcpFaults(), frameFaults(), webSocketCloseFaults(), handshakeFaults(), quirkFaults(),
	)
}

// expiryFaults miss the expiry time of §3 by a second, on one transport each.
func expiryFaults() (faults []Fault) {
	for _, t := range wire.Transports {
		shift := func(by time.Duration) func(*behaviour) {
			return func(c *behaviour) { c.Policy.Expiry[t] += by }
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
		{"retransmission-missing", "unacknowledged messages are not sent again", func(c *behaviour) { c.Policy.Retransmission.Retries = 0 }},
		{"retransmission-twice", "unacknowledged messages are sent again twice", func(c *behaviour) { c.Policy.Retransmission.Retries = 2 }},
		{"retransmission-endless", "unacknowledged messages are sent again at every sweep", func(c *behaviour) { c.Policy.Retransmission.Retries = math.MaxInt }},
		{"retransmission-late", "unacknowledged messages are sent again only after 7.5 s", func(c *behaviour) { c.Policy.Retransmission.MinAge = 7500 * time.Millisecond }},
		{"retransmission-early", "unacknowledged messages are sent again within a second", func(c *behaviour) {
			c.Policy.Retransmission.MinAge, c.Policy.Retransmission.Sweep = 0, time.Second
		}},
		{"dedup-too-short", "fingerprints are forgotten within 200 ms", func(c *behaviour) {
			c.Policy.DedupMemory, c.Policy.DedupSweep = 100*time.Millisecond, 100*time.Millisecond
		}},
		{"dedup-memory-short", "fingerprints are forgotten after 4 minutes", func(c *behaviour) { c.Policy.DedupMemory = 4 * time.Minute }},
		{"dedup-memory-long", "fingerprints are remembered for a day", func(c *behaviour) { c.Policy.DedupMemory = 24 * time.Hour }},
	}
}

// limitFaults miss the largest message of §2 by a byte.
func limitFaults() []Fault {
	shift := func(t wire.Transport, by int) func(*behaviour) {
		return func(c *behaviour) { c.Limits.MaxMessage[t] = t.MaxMessage() + by }
	}
	return []Fault{
		{"datagram-limit-low", "datagrams are cut after 2047 bytes", shift(wire.UDP, -1)},
		{"tcp-limit-low", "a TCP body of 6144 bytes closes the connection", shift(wire.TCP, -1)},
		{"tcp-limit-high", "a TCP body of 6145 bytes is accepted", shift(wire.TCP, 1)},
		{"datagram-limit-high", "datagrams are cut after 2049 bytes", shift(wire.UDP, 1)},
		{"ws-limit-high", "a WebSocket frame of 65537 bytes is accepted", shift(wire.WS, 1)},
		{"ws-limit-low", "a WebSocket frame of 65536 bytes closes the connection", shift(wire.WS, -1)},
	}
}

// twisted is an application with some of its answers replaced.
type twisted struct {
	server.Application
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
func twist(change func(*twisted)) func(*behaviour) {
	return func(c *behaviour) {
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
		{"offline-always-stored", "every message to a user who is not online counts as stored", twist(func(t *twisted) {
			t.store = func(bool) bool { return true }
		})},
	}
}
