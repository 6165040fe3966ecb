package server_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// plenty is a bound that no test reaches.
var plenty = server.Bound{Count: 1000, Bytes: 1000}

// fresh sends a QoS message to the server, and reports whether the application
// gets to see it, as it does unless its fingerprint is remembered.
func (b *bench) fresh(from *server.Session, fingerprint string) bool {
	b.Helper()
	m := wire.NewQoSData("u", wire.ServerID, "x", fingerprint)
	effects := b.receive(from, m)
	label := from.Link.(string)
	switch len(effects) {
	case 1:
		b.expect("a copy", effects, sent(label, ackOf(m)))
	default:
		b.expect("a new message", effects, sent(label, ackOf(m)), about(server.EventC2S, label, 0, m))
	}
	return len(effects) > 1
}

// At a bound the fingerprint whose last copy is longest ago is forgotten: of the
// session where its own is reached, else of all.
func TestDedupBounds(t *testing.T) {
	tests := []struct {
		name            string
		session, server server.Bound
		steps           string // user:fingerprint, with ! for one that the application sees
	}{
		{"by number of a session", server.Bound{Count: 2, Bytes: 1000}, plenty, "u:a! u:b! u:b v:c! u:d! v:c u:d u:b u:a!"},
		{"a copy renews", server.Bound{Count: 2, Bytes: 1000}, plenty, "u:a! u:b! u:a u:c! u:a u:b!"},
		{"by bytes of a session", server.Bound{Count: 1000, Bytes: 6}, plenty, "u:aaa! u:bbb! u:aaa u:c! u:aaa u:c u:bbb!"},
		{"longer than the bound", server.Bound{Count: 1000, Bytes: 3}, plenty, "u:a! u:aaaa! u:aaaa! u:a!"},
		{"by number of all", plenty, server.Bound{Count: 3, Bytes: 1000}, "u:a! v:b! u:c! v:d! v:b u:c v:d u:a!"},
		{"by bytes of all", plenty, server.Bound{Count: 1000, Bytes: 6}, "u:aaa! v:bbb! u:c! v:bbb u:c u:aaa!"},
		{"copies by another fill no share", server.Bound{Count: 2, Bytes: 1000}, plenty, "u:a! u:b! v:a v:b v:c! v:d! u:b u:a v:c v:d"},
	}
	for _, test := range tests {
		b := newBench(t, func(c *server.Config) { c.Limits.DedupOfSession, c.Limits.Dedup = test.session, test.server })
		sessions := map[string]*server.Session{"u": b.login(wire.TCP, "u"), "v": b.login(wire.UDP, "v")}
		for i, step := range strings.Fields(test.steps) {
			user, fingerprint, _ := strings.Cut(strings.TrimSuffix(step, "!"), ":")
			if got, want := b.fresh(sessions[user], fingerprint), strings.HasSuffix(step, "!"); got != want {
				t.Errorf("%s: step %d, %s: the application sees it: %v", test.name, i+1, step, got)
			}
		}
	}
}

// naiveFingerprint is one that is remembered, in the order of the last copies.
type naiveFingerprint struct {
	text string
	by   int // session that sent it first
}

// Random copies of sessions against a list that is searched each time.
func TestDedupAgainstModel(t *testing.T) {
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 5))
		ofSession, all := server.Bound{Count: 1 + random.IntN(5), Bytes: 10}, server.Bound{Count: 1 + random.IntN(10), Bytes: 20}
		b := newBench(t, func(c *server.Config) { c.Limits.DedupOfSession, c.Limits.Dedup = ofSession, all })
		var sessions []*server.Session
		for i := range 3 {
			sessions = append(sessions, b.login(wire.TCP, fmt.Sprint("user-", i)))
		}
		var known []naiveFingerprint
		for step := range 300 {
			by := random.IntN(len(sessions))
			text := strings.Repeat(string(rune('a'+random.IntN(8))), 1+random.IntN(4))
			at := slices.IndexFunc(known, func(f naiveFingerprint) bool { return f.text == text })
			f := naiveFingerprint{text, by}
			if at >= 0 {
				f = known[at]
				known = slices.Delete(known, at, at+1)
			}
			known = append(known, f)
			known = within(known, ofSession, func(f naiveFingerprint) bool { return f.by == by })
			known = within(known, all, func(naiveFingerprint) bool { return true })
			if got := b.fresh(sessions[by], text); got != (at < 0) {
				t.Fatalf("seed %d, step %d: %q is new: %v", seed, step, text, got)
			}
		}
	}
}

// within forgets the first that count until those are within a bound.
func within(known []naiveFingerprint, bound server.Bound, counts func(naiveFingerprint) bool) []naiveFingerprint {
	for {
		count, bytes := 0, 0
		for _, f := range known {
			if counts(f) {
				count++
				bytes += len(f.text)
			}
		}
		if count <= bound.Count && bytes <= bound.Bytes {
			return known
		}
		first := slices.IndexFunc(known, counts)
		known = slices.Delete(known, first, first+1)
	}
}

// The default bounds forget nothing of a session that sends 1,000 messages a second,
// until the last copy of each has come (§4, client retransmission: within 13 s).
func TestDedupAtOneThousandASecond(t *testing.T) {
	b := newBench(t, nil)
	u := b.login(wire.TCP, "u")
	const messages = 13_000
	name := func(i int) string { return fmt.Sprintf("%036d", i) }
	for i := range messages {
		b.fresh(u, name(i))
	}
	b.now = b.now.Add(time.Second)
	for i := range messages {
		if b.fresh(u, name(i)) {
			t.Fatalf("message %d is forgotten", i)
		}
	}
}
