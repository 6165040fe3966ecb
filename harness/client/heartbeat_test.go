package client_test

import (
	"testing"
	"time"

	"imcheck/harness/client"
	"imcheck/harness/timing"
	"imcheck/harness/wire"
)

// The client's part of the table in §3, in seconds, written out again.
var paces = []struct {
	mode              timing.SenseMode
	transport         wire.Transport
	heartbeat, giveUp int
}{
	{timing.Mode3S, wire.UDP, 3, 10}, {timing.Mode3S, wire.TCP, 3, 5}, {timing.Mode3S, wire.WS, 3, 5},
	{timing.Mode5S, wire.TCP, 5, 8}, {timing.Mode5S, wire.WS, 5, 8},
	{timing.Mode10S, wire.UDP, 10, 21}, {timing.Mode10S, wire.TCP, 10, 15}, {timing.Mode10S, wire.WS, 10, 15},
	{timing.Mode15S, wire.TCP, 15, 20}, {timing.Mode15S, wire.WS, 15, 20},
	{timing.Mode30S, wire.UDP, 30, 61}, {timing.Mode30S, wire.TCP, 30, 35}, {timing.Mode30S, wire.WS, 30, 35},
	{timing.Mode60S, wire.UDP, 60, 121}, {timing.Mode60S, wire.TCP, 60, 65}, {timing.Mode60S, wire.WS, 60, 65},
	{timing.Mode120S, wire.UDP, 120, 241}, {timing.Mode120S, wire.TCP, 120, 125}, {timing.Mode120S, wire.WS, 120, 125},
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }

// nextLook is the first of the looks, every 2 s after the login, that is not
// before a moment.
func nextLook(moment time.Duration) time.Duration {
	return (moment + 2*time.Second - 1) / (2 * time.Second) * (2 * time.Second)
}

// A keep-alive goes out at every multiple of the interval after the login;
// without any answer the link is given up at the first look, every 2 s, that
// is the table's time after the login.
func TestGiveUpWithoutAnyAnswer(t *testing.T) {
	for _, test := range paces {
		t.Run(test.mode.String()+"/"+test.transport.String(), func(t *testing.T) {
			b := newBench(t, test.transport, test.mode)
			b.comeOnline()
			gone := nextLook(seconds(test.giveUp))
			var want []string
			for beat := seconds(test.heartbeat); beat < gone; beat += seconds(test.heartbeat) {
				want = append(want, at(beat, sends(wire.NewKeepAlive("u"))))
			}
			want = append(want, at(gone, disconnects), at(gone, linkClosed()), at(gone, connects))
			b.expect("silence", b.advance(gone+time.Hour), want...)
			b.expect("the login after it", show(b.Connected(b.now, nil)), sends(login(given)))
		})
	}
}

// The time counts from the last answer.
func TestGiveUpAfterTheLastAnswer(t *testing.T) {
	const delay = 70 * time.Millisecond
	for _, test := range paces {
		t.Run(test.mode.String()+"/"+test.transport.String(), func(t *testing.T) {
			b := newBench(t, test.transport, test.mode)
			b.comeOnline()
			last := 5*seconds(test.heartbeat) + delay
			b.answering(last, delay)
			if !b.Online() {
				t.Fatal("given up in spite of the answers")
			}
			gone := nextLook(last + seconds(test.giveUp))
			b.advance(gone - 1)
			if !b.Online() {
				t.Errorf("given up before %v", gone)
			}
			b.expect("at its time", b.advance(gone)[:3], at(gone, disconnects), at(gone, linkClosed()), at(gone, connects))
		})
	}
}

// A client whose keep-alives are answered in time stays for ever.
func TestHeartbeatKeepsTheLink(t *testing.T) {
	for _, test := range paces {
		b := newBench(t, test.transport, test.mode)
		b.comeOnline()
		b.answering(time.Hour, time.Second)
		if !b.Online() {
			t.Errorf("%s on %s: given up in spite of the answers", test.mode, test.transport)
		}
	}
}

// Alive says how long the oldest unanswered keep-alive took, and how much of
// that was the client's own lateness.
func TestAlive(t *testing.T) {
	alive := func(took, sinceDue time.Duration) string {
		return effect(client.Effect{Kind: client.Alive, Took: took, TookSinceDue: sinceDue})
	}
	b := newBench(t, wire.UDP, timing.Mode3S)
	b.comeOnline()
	b.expect("an answer to nothing", b.receive(wire.NewKeepAliveResponse("u")))
	b.advance(3100 * time.Millisecond)
	b.expect("the first answer", b.receive(wire.NewKeepAliveResponse("u")), alive(100*time.Millisecond, 100*time.Millisecond))
	b.expect("another copy", b.receive(wire.NewKeepAliveResponse("u")))
	b.now = epoch.Add(6250 * time.Millisecond) // a tick that is 250 ms late
	b.expect("the late keep-alive", show(b.Tick(b.now, nil)), sends(wire.NewKeepAlive("u")))
	b.advance(6300 * time.Millisecond)
	b.expect("its answer", b.receive(wire.NewKeepAliveResponse("u")), alive(50*time.Millisecond, 300*time.Millisecond))
	b.expect("the next ones keep the pace", b.advance(12500*time.Millisecond),
		at(9*time.Second, sends(wire.NewKeepAlive("u"))), at(12*time.Second, sends(wire.NewKeepAlive("u"))))
	b.expect("one answer to two", b.receive(wire.NewKeepAliveResponse("u")), alive(3500*time.Millisecond, 3500*time.Millisecond))
}

// A tick that comes very late sends one keep-alive, not all that were missed.
func TestVeryLateTick(t *testing.T) {
	b := newBench(t, wire.UDP, timing.Mode120S)
	b.comeOnline()
	b.now = epoch.Add(240*time.Second + 500*time.Millisecond)
	b.expect("the tick", show(b.Tick(b.now, nil)), sends(wire.NewKeepAlive("u")))
	if got := b.untilNext(); got != 242*time.Second {
		t.Errorf("next after %v, want 242 s", got)
	}
}

// After a new login the pace starts anew.
func TestPaceAfterRelogin(t *testing.T) {
	b := newBench(t, wire.TCP, timing.Mode3S)
	b.comeOnline()
	b.advance(4321 * time.Millisecond)
	b.Disconnected(b.now, nil)
	b.Connected(b.now, nil)
	b.receive(welcome(given))
	const login = 4321 * time.Millisecond
	b.expect("silence", b.advance(login+6*time.Second),
		at(login+3*time.Second, sends(wire.NewKeepAlive("u"))),
		at(login+6*time.Second, disconnects), at(login+6*time.Second, linkClosed()), at(login+6*time.Second, connects))
}
