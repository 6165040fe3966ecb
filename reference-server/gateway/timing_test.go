package gateway_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/timing"
	"imcheck/harness/wire"
	"imcheck/reference-server/gateway"
	"imcheck/reference-server/rules"
)

// journal notes when links and the observer are given what, in ms.
type journal struct {
	begin time.Time
	lines []string
}

func (j *journal) note(format string, args ...any) {
	j.lines = append(j.lines, fmt.Sprint(time.Since(j.begin).Milliseconds(), " ", fmt.Sprintf(format, args...)))
}

func (j *journal) expect(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(j.lines, want) {
		t.Errorf("happened\n%q\nwant\n%q", j.lines, want)
	}
	j.lines = nil
}

// notedLink is a link that writes into a journal.
type notedLink struct {
	*link
	name    string
	journal *journal
}

func (l notedLink) Send(body []byte) {
	m, _ := wire.Decode(body)
	l.journal.note("%s %s", l.name, m.Type)
}

func (l notedLink) Close() { l.journal.note("%s closed", l.name) }

// withTiming runs a test with a gateway that puts effects off.
func withTiming(t *testing.T, timed gateway.Timing, test func(g *gateway.Gateway, j *journal)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		config := rules.Config{Application: tolerant{}, Limits: rules.DefaultLimits, Seed: 7}
		config.Policy = rules.DefaultPolicy(timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S})
		j := &journal{begin: time.Now()}
		g := gateway.NewTimed(config, timed, func(_ time.Time, e rules.Event) { j.note("%s %s", e.User, e.Kind) })
		defer g.Stop()
		test(g, j)
	})
}

func (j *journal) open(g *gateway.Gateway, kind wire.Transport, name string) notedLink {
	l := notedLink{newLink(kind, "127.0.0.1:"+fmt.Sprint(int(name[0])+1000)), name, j}
	if kind.Connected() {
		g.Open(l)
	}
	return l
}

func hand(g *gateway.Gateway, l notedLink, m wire.Message) { g.Message(l, m.Append(nil)) }

// wait lets time pass and everything happen that is due.
func wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// The ACK of a C → C message comes late and by itself; other answers, and the
// ACK of a C → S message, do not wait for it.
func TestLateACKs(t *testing.T) {
	withTiming(t, gateway.Observed, func(g *gateway.Gateway, j *journal) {
		u, v := j.open(g, wire.TCP, "u"), j.open(g, wire.UDP, "v")
		hand(g, u, login("u"))
		hand(g, v, login("v"))
		wait(0)
		j.lines = nil
		hand(g, u, wire.NewQoSData("u", "v", "x", "fp-1"))
		hand(g, u, wire.NewKeepAlive("u"))
		hand(g, u, wire.NewQoSData("u", wire.ServerID, "x", "fp-2"))
		wait(10 * time.Millisecond)
		j.expect(t, "0 v data", "0 v c2c", "0 u keep-alive response", "0 u received", "0 u c2s", "2 u received")
		hand(g, u, wire.NewQoSData("u", "v", "x", "fp-3"))
		hand(g, u, wire.NewLogout("u"))
		wait(10 * time.Millisecond)
		j.expect(t, "10 v data", "10 v c2c", "10 u closed", "10 u logout")
	})
}
