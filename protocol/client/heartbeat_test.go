package client_test

import (
	"testing"
	"time"

	"imcheck/internal/clienttest"
	"imcheck/protocol/client"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// A keep-alive goes out at every multiple of the interval after the login;
// without any answer the link is clienttest.Given up at the first look, every 2 s, that
// is the table's time after the login.
func TestGiveUpWithoutAnyAnswer(t *testing.T) {
	for _, test := range clienttest.Paces {
		t.Run(test.Mode.String()+"/"+test.Transport.String(), func(t *testing.T) {
			b := newBench(t, test.Transport, test.Mode)
			b.comeOnline()
			gone := clienttest.NextLook(clienttest.Seconds(test.GiveUp))
			var want []string
			for beat := clienttest.Seconds(test.Heartbeat); beat < gone; beat += clienttest.Seconds(test.Heartbeat) {
				want = append(want, clienttest.At(beat, clienttest.Sends(wire.NewKeepAlive("u"))))
			}
			want = append(want, clienttest.At(gone, clienttest.Disconnects), clienttest.At(gone, clienttest.LinkClosed()), clienttest.At(gone, clienttest.Connects))
			b.expect("silence", b.advance(gone+time.Hour), want...)
			b.expect("the login after it", clienttest.Show(b.Connected(b.now, nil)), clienttest.Sends(clienttest.Login(clienttest.Given)))
		})
	}
}

// The time counts from the last answer.
func TestGiveUpAfterTheLastAnswer(t *testing.T) {
	const delay = 70 * time.Millisecond
	for _, test := range clienttest.Paces {
		t.Run(test.Mode.String()+"/"+test.Transport.String(), func(t *testing.T) {
			b := newBench(t, test.Transport, test.Mode)
			b.comeOnline()
			last := 5*clienttest.Seconds(test.Heartbeat) + delay
			b.answering(last, delay)
			if !b.Online() {
				t.Fatal("given up in spite of the answers")
			}
			gone := clienttest.NextLook(last + clienttest.Seconds(test.GiveUp))
			b.advance(gone - 1)
			if !b.Online() {
				t.Errorf("given up before %v", gone)
			}
			b.expect("at its time", b.advance(gone)[:3], clienttest.At(gone, clienttest.Disconnects), clienttest.At(gone, clienttest.LinkClosed()), clienttest.At(gone, clienttest.Connects))
		})
	}
}

// A client whose keep-alives are answered in time stays for ever.
func TestHeartbeatKeepsTheLink(t *testing.T) {
	for _, test := range clienttest.Paces {
		b := newBench(t, test.Transport, test.Mode)
		b.comeOnline()
		b.answering(time.Hour, time.Second)
		if !b.Online() {
			t.Errorf("%s on %s: clienttest.Given up in spite of the answers", test.Mode, test.Transport)
		}
	}
}

// Alive reports the wait of the oldest unanswered keep-alive, and how much of
// that was the client's own lateness.
func TestAlive(t *testing.T) {
	alive := func(took, sinceDue time.Duration) string {
		return clienttest.Effect(client.Effect{Kind: client.Alive, Took: took, TookSinceDue: sinceDue})
	}
	b := newBench(t, wire.UDP, timing.Mode3S)
	b.comeOnline()
	b.expect("an answer to nothing", b.receive(wire.NewKeepAliveResponse("u")))
	b.advance(3100 * time.Millisecond)
	b.expect("the first answer", b.receive(wire.NewKeepAliveResponse("u")), alive(100*time.Millisecond, 100*time.Millisecond))
	b.expect("another copy", b.receive(wire.NewKeepAliveResponse("u")))
	b.now = epoch.Add(6250 * time.Millisecond) // a tick that is 250 ms late
	b.expect("the late keep-alive", clienttest.Show(b.Tick(b.now, nil)), clienttest.Sends(wire.NewKeepAlive("u")))
	b.advance(6300 * time.Millisecond)
	b.expect("its answer", b.receive(wire.NewKeepAliveResponse("u")), alive(50*time.Millisecond, 300*time.Millisecond))
	b.expect("the next ones keep the pace", b.advance(12500*time.Millisecond),
		clienttest.At(9*time.Second, clienttest.Sends(wire.NewKeepAlive("u"))), clienttest.At(12*time.Second, clienttest.Sends(wire.NewKeepAlive("u"))))
	b.expect("one answer to two", b.receive(wire.NewKeepAliveResponse("u")), alive(3500*time.Millisecond, 3500*time.Millisecond))
}

// A tick that comes very late sends one keep-alive, not all that were missed.
func TestVeryLateTick(t *testing.T) {
	b := newBench(t, wire.UDP, timing.Mode120S)
	b.comeOnline()
	b.now = epoch.Add(240*time.Second + 500*time.Millisecond)
	b.expect("the tick", clienttest.Show(b.Tick(b.now, nil)), clienttest.Sends(wire.NewKeepAlive("u")))
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
	b.receive(clienttest.Welcome(clienttest.Given))
	const login = 4321 * time.Millisecond
	b.expect("silence", b.advance(login+6*time.Second),
		clienttest.At(login+3*time.Second, clienttest.Sends(wire.NewKeepAlive("u"))),
		clienttest.At(login+6*time.Second, clienttest.Disconnects), clienttest.At(login+6*time.Second, clienttest.LinkClosed()), clienttest.At(login+6*time.Second, clienttest.Connects))
}
