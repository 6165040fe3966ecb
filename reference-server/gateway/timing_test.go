package gateway_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/gateway"
)

// journal notes when links and the observer are given what, in ms.
type journal struct {
	begin time.Time
	mu    sync.Mutex
	lines []string
}

func (j *journal) note(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, fmt.Sprint(time.Since(j.begin).Milliseconds(), " ", fmt.Sprintf(format, args...)))
}

func (j *journal) expect(t *testing.T, want ...string) {
	t.Helper()
	if got := j.take(); !slices.Equal(got, want) {
		t.Errorf("happened\n%q\nwant\n%q", got, want)
	}
}

// expectSet does not look at the order.
func (j *journal) expectSet(t *testing.T, want ...string) {
	t.Helper()
	if got := slices.Sorted(slices.Values(j.take())); !slices.Equal(got, want) {
		t.Errorf("happened, in any order\n%q\nwant\n%q", got, want)
	}
}

// take returns what was noted since the last call.
func (j *journal) take() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	lines := j.lines
	j.lines = nil
	return lines
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
		config := server.Config{Application: tolerant{}, Limits: server.DefaultLimits, Seed: 7}
		config.Policy = server.DefaultPolicy(timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S})
		j := &journal{begin: time.Now()}
		g := gateway.NewTimed(config, timed, func(_ time.Time, e server.Event) { j.note("%s %s", e.User, e.Kind) })
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
		j.take()
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

// What a session is sent on account of its own messages is late, and in order
// with its close; data is not held up by it.
func TestLateAnswers(t *testing.T) {
	timed := gateway.Timing{Answers: server.Delay{Min: 800 * time.Millisecond}}
	withTiming(t, timed, func(g *gateway.Gateway, j *journal) {
		u := j.open(g, wire.TCP, "u")
		hand(g, u, login("u"))
		hand(g, u, wire.NewKeepAlive("u"))
		wait(100 * time.Millisecond)
		g.Push(wire.NewData(wire.ServerID, "u", "x"))
		hand(g, u, wire.NewLogout("u"))
		wait(time.Second)
		j.expect(t, "0 u verify", "0 u login", "100 u data", "100 u logout", "800 u login response", "800 u keep-alive response", "800 u closed")
	})
}

// Random delays keep the order of a session, and on UDP of an address, whose
// sessions come and go.
func TestUnevenAnswersKeepTheirOrder(t *testing.T) {
	timed := gateway.Timing{Answers: server.Delay{Max: 800 * time.Millisecond}}
	withTiming(t, timed, func(g *gateway.Gateway, j *journal) {
		u := j.open(g, wire.UDP, "u")
		for range 20 {
			hand(g, u, login("u"))
			hand(g, u, wire.NewKeepAlive("u"))
			hand(g, u, wire.NewLogout("u"))
			hand(g, u, wire.NewKeepAlive("u"))
		}
		wait(800 * time.Millisecond)
		var got []string
		for _, line := range j.take() {
			if _, what, _ := strings.Cut(line, " "); !slices.Contains([]string{"u verify", "u login", "u logout", "u closed"}, what) {
				got = append(got, what)
			}
		}
		want := slices.Repeat([]string{"u login response", "u keep-alive response", "u error response"}, 20)
		if !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
	})
}

// A user can be registered before the response is there.
func TestLateLoginResponse(t *testing.T) {
	timed := gateway.Timing{LoginResponses: server.Delay{Min: 500 * time.Millisecond}}
	withTiming(t, timed, func(g *gateway.Gateway, j *journal) {
		u := j.open(g, wire.WS, "u")
		hand(g, u, login("u"))
		expectOnline(t, g, "u")
		wait(500*time.Millisecond - 1)
		j.expect(t, "0 u verify", "0 u login")
		wait(1)
		j.expect(t, "500 u login response")
	})
}

// Closes are late but for that of a session that expired; on UDP there is none.
func TestLateCloses(t *testing.T) {
	for name, test := range map[string]struct {
		timed        gateway.Timing
		kick, logout int // ms after which a stream is closed
	}{
		"all":        {gateway.Timing{Closes: server.Delay{Min: 800 * time.Millisecond}}, 800, 800},
		"kicked":     {gateway.Timing{KickCloses: server.Delay{Min: 800 * time.Millisecond}}, 800, 0},
		"the larger": {gateway.Timing{Closes: server.Delay{Min: 300 * time.Millisecond}, KickCloses: server.Delay{Min: 800 * time.Millisecond}}, 800, 300},
	} {
		t.Run(name, func(t *testing.T) {
			withTiming(t, test.timed, func(g *gateway.Gateway, j *journal) {
				u, v := j.open(g, wire.TCP, "u"), j.open(g, wire.WS, "v")
				hand(g, u, login("u"))
				hand(g, v, login("v"))
				j.take()
				g.Kick("u", wire.Kickout{Code: wire.KickAdministrator})
				wait(time.Second)
				j.expect(t, "0 u kick-out", "0 u logout", fmt.Sprint(test.kick, " u closed"))
				hand(g, v, wire.NewLogout("v"))
				wait(time.Second)
				if test.logout == 0 {
					j.expect(t, "1000 v closed", "1000 v logout")
				} else {
					j.expect(t, "1000 v logout", fmt.Sprint(1000+test.logout, " v closed"))
				}
				j.open(g, wire.TCP, "w")
				wait(7 * time.Second)
				j.expect(t, "9000 w closed")
			})
		})
	}
}

// A UDP session is over at once, however late closes are.
func TestLateClosesOnUDP(t *testing.T) {
	timed := gateway.Timing{Closes: server.Delay{Min: 800 * time.Millisecond}}
	withTiming(t, timed, func(g *gateway.Gateway, j *journal) {
		u := j.open(g, wire.UDP, "u")
		hand(g, u, login("u"))
		hand(g, u, wire.NewLogout("u"))
		hand(g, u, wire.NewKeepAlive("u"))
		wait(0)
		j.expect(t, "0 u verify", "0 u login response", "0 u login", "0 u closed", "0 u logout", "0 u error response")
	})
}

// Events are late without the wire, those of a user in order.
func TestLateEvents(t *testing.T) {
	timed := gateway.Timing{Events: server.Delay{Min: 800 * time.Millisecond}}
	withTiming(t, timed, func(g *gateway.Gateway, j *journal) {
		u := j.open(g, wire.TCP, "u")
		hand(g, u, login("u"))
		hand(g, u, wire.NewLogout("u"))
		wait(time.Second)
		j.expect(t, "0 u login response", "0 u closed", "800 u verify", "800 u login", "800 u logout")
	})
}

// Bursts are at multiples of their time, and no event waits for longer than it or
// its own delay.
func TestEventsInBursts(t *testing.T) {
	for _, late := range []time.Duration{0, 400, 800} {
		timed := gateway.Timing{Events: server.Delay{Min: late * time.Millisecond}, EventBursts: 500 * time.Millisecond}
		withTiming(t, timed, func(g *gateway.Gateway, j *journal) {
			wait(600 * time.Millisecond)
			u := j.open(g, wire.UDP, "u")
			hand(g, u, login("u"))
			wait(300 * time.Millisecond)
			hand(g, u, wire.NewLogout("u"))
			wait(2 * time.Second)
			// At 800 late the logout of 900 could wait until 1700: the burst before.
			logout := map[time.Duration]string{0: "1000", 400: "1000", 800: "1500"}[late]
			j.expect(t, "600 u login response", "900 u closed", "1000 u verify", "1000 u login", logout+" u logout")
		})
	}
}

// Delays count from the cause, so that they do not add up with those of the rules.
func TestDelaysDoNotAddUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		config := server.Config{Application: tolerant{}, Limits: server.DefaultLimits}
		config.Policy = server.DefaultPolicy(timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S})
		config.Policy.RegistrationDelay, config.Policy.DeregistrationDelay = 400*time.Millisecond, 400*time.Millisecond
		config.Policy.Deliveries = server.Delay{Min: 800 * time.Millisecond}
		late := server.Delay{Min: 800 * time.Millisecond}
		j := &journal{begin: time.Now()}
		g := gateway.NewTimed(config, gateway.Timing{Answers: late, Events: late, ACKs: late, Closes: late}, func(_ time.Time, e server.Event) { j.note("%s %s", e.User, e.Kind) })
		defer g.Stop()
		u := j.open(g, wire.TCP, "u")
		hand(g, u, login("u"))
		hand(g, u, wire.NewKeepAlive("u"))
		hand(g, u, wire.NewQoSData("u", "u", "x", "fp"))
		wait(time.Second)
		j.expectSet(t, "400 u data", "800 u c2c", "800 u keep-alive response", "800 u login", "800 u login response", "800 u received", "800 u verify")
		hand(g, u, wire.NewLogout("u"))
		wait(time.Second)
		j.expectSet(t, "1800 u closed", "1800 u logout")
	})
}

// A list of users is given out for a while, and cannot be changed by who gets it.
func TestStaleListOfUsers(t *testing.T) {
	withTiming(t, gateway.Timing{OnlineFor: 400 * time.Millisecond}, func(g *gateway.Gateway, j *journal) {
		u, v := j.open(g, wire.UDP, "u"), j.open(g, wire.UDP, "v")
		hand(g, u, login("u"))
		expectOnline(t, g, "u")
		hand(g, v, login("v"))
		wait(400*time.Millisecond - 1)
		g.Online()[0] = "other"
		expectOnline(t, g, "u")
		wait(1)
		expectOnline(t, g, "u", "v")
	})
}

// After Stop nothing that was put off happens any more.
func TestStopWithEffectsPutOff(t *testing.T) {
	timed := gateway.Timing{Answers: server.Delay{Min: 800 * time.Millisecond}}
	withTiming(t, timed, func(g *gateway.Gateway, j *journal) {
		hand(g, j.open(g, wire.TCP, "u"), wire.NewEcho("u", "x"))
		g.Stop()
		wait(time.Hour)
		j.expect(t)
	})
}

// Where too much is put off the first of it is early, by number and by bytes.
func TestTooMuchPutOff(t *testing.T) {
	tests := map[string]server.Bound{
		"number": {Count: 2, Bytes: 1000},
		"bytes":  {Count: 1000, Bytes: 2 * len("u0xxx")},
	}
	for name, bound := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				config := server.Config{Application: tolerant{}, Limits: server.DefaultLimits}
				config.Policy = server.DefaultPolicy(timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S})
				config.Limits.Delayed = bound
				j := &journal{begin: time.Now()}
				late := gateway.Timing{Answers: server.Delay{Min: 800 * time.Millisecond}}
				g := gateway.NewTimed(config, late, func(time.Time, server.Event) {})
				defer g.Stop()
				u := j.open(g, wire.TCP, "u")
				for range 2 {
					for range 3 {
						hand(g, u, wire.NewEcho("u", "xxx"))
						wait(100 * time.Millisecond)
					}
					wait(time.Second)
				}
				j.expect(t, "200 u echo response", "900 u echo response", "1000 u echo response",
					"1500 u echo response", "2200 u echo response", "2300 u echo response")
			})
		})
	}
}
