// Package talk lets clients under test talk to each other through a server, over an impaired
// path, and keeps a ledger of what became of every message with QoS: it balances when each
// was shown once or was reported lost.
package talk

import (
	"time"

	"imcheck/protocol/wire"
	"imcheck/reports"
)

// memory is the time within which a client may not show a message again (docs/protocol.md,
// §4 Client dedup).
const memory = 10 * time.Minute

// Fates of messages, as reports name them.
const (
	fateDelivered       = "delivered"
	fateShownUnreported = "shown, unreported"
	fateLostThoughShown = "lost though shown"
	fateLostReported    = "lost, reported"
	fateLostAtServer    = "lost at server"
	fateShownTwice      = "shown twice"
	fateMissing         = "missing"
	fateRefused         = "refused"
	fateStrange         = "strange"
)

// message is one entry of the ledger. Times that are zero did not come yet.
type message struct {
	from, to    int
	fingerprint string
	content     string
	sent        time.Time
	acked       time.Time
	lost        time.Time // reported to the sender
	shown       []time.Time
	refused     bool

	// What the server's application was told.
	reached         time.Time // when a datagram with it was last handed to the receiver
	passedOn        int
	received        bool
	serverLost      bool
	offline, stored bool
}

// Ledger keeps what became of messages. It has no clock; it is used by one goroutine.
type Ledger struct {
	started  time.Time
	users    []string // by index of the client
	messages []*message
	byPrint  map[string]*message
	byText   map[string]*message
	awaiting [][]*message // by sender: those whose send was not answered yet
	strange  []reports.TalkEntry
	strangeN []int  // by receiver
	lossless bool   // what the server passed on has reached the receiver
	offline  []bool // by client: it has reported the end of its link, and no login since
}

// NewLedger returns an empty ledger of these users. On a path that is lossless, what the
// server passed on has reached the receiver; on another one the relay tells what has.
func NewLedger(now time.Time, users []string, lossless bool) *Ledger {
	return &Ledger{
		started: now, users: users, lossless: lossless, byPrint: map[string]*message{}, byText: map[string]*message{},
		awaiting: make([][]*message, len(users)), strangeN: make([]int, len(users)), offline: make([]bool, len(users)),
	}
}

// Send enters a message that a client was told to send. Fingerprint and content are such as
// no other message has.
func (l *Ledger) Send(now time.Time, from, to int, fingerprint, content string) {
	m := &message{from: from, to: to, fingerprint: fingerprint, content: content, sent: now}
	l.messages = append(l.messages, m)
	l.byPrint[fingerprint], l.byText[content] = m, m
	l.awaiting[from] = append(l.awaiting[from], m)
}

// SendAnswered notes how a client answered the oldest send that it had not answered yet.
func (l *Ledger) SendAnswered(from int, code wire.Code) {
	if waiting := l.awaiting[from]; len(waiting) > 0 {
		waiting[0].refused = code != wire.CodeOK
		l.awaiting[from] = waiting[1:]
	}
}

// Acked notes that a sender reported an ACK.
func (l *Ledger) Acked(now time.Time, from int, fingerprint string) {
	if m := l.byPrint[fingerprint]; m != nil && m.from == from && m.acked.IsZero() {
		m.acked = now
	}
}

// Lost notes that a sender reported messages lost.
func (l *Ledger) Lost(now time.Time, from int, fingerprints []string) {
	for _, fingerprint := range fingerprints {
		if m := l.byPrint[fingerprint]; m != nil && m.from == from && m.lost.IsZero() {
			m.lost = now
		}
	}
}

// Shown notes that a client showed a message.
func (l *Ledger) Shown(now time.Time, to int, from, content string) {
	m := l.byText[content]
	if m == nil || m.to != to || l.users[m.from] != from {
		l.strangeN[to]++
		if len(l.strange) < reports.MaxOdd {
			l.strange = append(l.strange, reports.TalkEntry{
				Fate: fateStrange, From: from, To: l.users[to], Content: content, ShownMs: []float64{l.ms(now)},
			})
		}
		return
	}
	m.shown = append(m.shown, now)
}

// ms returns the milliseconds since the start; a time that is zero has 0.
func (l *Ledger) ms(at time.Time) float64 {
	if at.IsZero() {
		return 0
	}
	return float64(at.Sub(l.started).Microseconds()) / 1000
}

// Told is a kind of news of a message, from the server's application or from the relay.
type Told uint8

// The kinds of Told.
const (
	ToldPassedOn Told = iota // it was written to the receiver
	ToldReceived             // the receiver acknowledged it
	ToldLost                 // it was given up
	ToldOffline              // the receiver was not online, and it was not stored
	ToldStored               // the receiver was not online, and it was stored
	ToldReached              // by the relay: a datagram with it was handed to the receiver
)

// linkEndNoticed bounds the time between the end of a link and its report by the client.
const linkEndNoticed = 2 * time.Second

// LinkEnded notes that a client reported the end of its link. What was handed to it just
// before may have come to a socket that was closed already.
func (l *Ledger) LinkEnded(now time.Time, client int) {
	l.offline[client] = true
	for _, m := range l.messages {
		if m.to == client && now.Sub(m.reached) < linkEndNoticed {
			m.reached = time.Time{}
		}
	}
}

// LoggedIn notes that a client reported a login.
func (l *Ledger) LoggedIn(client int) { l.offline[client] = false }

// Told notes what others than the clients know of a message.
func (l *Ledger) Told(now time.Time, fingerprint string, what Told) {
	m := l.byPrint[fingerprint]
	if m == nil {
		return
	}
	reaches := what == ToldReached || what == ToldPassedOn && l.lossless
	if reaches && !l.offline[m.to] {
		m.reached = now
	}
	switch what {
	case ToldPassedOn:
		m.passedOn++
	case ToldReceived:
		m.received = true
	case ToldLost:
		m.serverLost = true
	case ToldOffline:
		m.offline = true
	case ToldStored:
		m.offline, m.stored = true, true
	}
}

// Open returns the number of messages whose fate can still change for the better, but for
// those that their receiver has acknowledged and is about to show.
func (l *Ledger) Open() (n int) {
	for _, m := range l.messages {
		reported := !m.acked.IsZero() || !m.lost.IsZero()
		accounted := len(m.shown) > 0 || !m.lost.IsZero() || m.received || m.serverLost || m.stored
		if !m.idle() && (!reported || !accounted) {
			n++
		}
	}
	return n
}

// idle reports whether a client refused to send the message, and nothing says that it was
// sent all the same.
func (m *message) idle() bool {
	return m.refused && m.acked.IsZero() && m.lost.IsZero() && len(m.shown) == 0
}

// fate returns what became of the message.
func (m *message) fate() string {
	switch {
	case m.idle():
		return fateRefused
	case m.shownAgain():
		return fateShownTwice
	case len(m.shown) > 0 && !m.acked.IsZero():
		return fateDelivered
	case len(m.shown) > 0 && !m.lost.IsZero():
		return fateLostThoughShown
	case len(m.shown) > 0:
		return fateShownUnreported
	case !m.lost.IsZero():
		return fateLostReported
	case m.reached.IsZero() && (m.serverLost || m.offline && !m.acked.IsZero()):
		return fateLostAtServer
	}
	return fateMissing
}

// shownAgain reports whether it was shown again within the time that a client remembers.
func (m *message) shownAgain() bool {
	for i := 1; i < len(m.shown); i++ {
		if m.shown[i].Sub(m.shown[i-1]) < memory {
			return true
		}
	}
	return false
}
