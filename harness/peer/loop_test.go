package peer_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/peer"
	"imcheck/harness/transport"
	"imcheck/harness/transport/impair"
	"imcheck/harness/transport/memory"
	"imcheck/internal/clienttest"
	"imcheck/protocol/client"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

func TestLoopLogsInAndOut(t *testing.T) {
	for _, kind := range wire.Transports {
		inWorld(t, kind, timing.Mode3S, nil, func(w *world) {
			r := w.run(kind, client.Config{User: "u", Token: "t"}, nil)
			w.expect("login", r.take(), clienttest.At(0, "dial"), clienttest.At(0, clienttest.Sends(clienttest.Login(0))), clienttest.At(0, clienttest.Told(client.LoggedIn, 0, clienttest.Welcome(r.firstLoginTime()))))
			time.Sleep(time.Second)
			if err := r.Logout(w.Context()); err != nil {
				w.Error(err)
			}
			<-r.ended
			w.expect("logout", r.take(), clienttest.At(time.Second, clienttest.Sends(wire.NewLogout("u"))))
			if online := w.server.Online(); len(online) != 0 {
				w.Errorf("%s: online %q after the logout", kind, online)
			}
			if err := r.Send(w.Context(), wire.NewData("u", "v", "x")); !errors.Is(err, client.ErrOffline) {
				w.Errorf("Send after the end: %v", err)
			}
		})
	}
}

func TestLoopRefused(t *testing.T) {
	for _, kind := range wire.Transports {
		inWorld(t, kind, timing.Mode3S, nil, func(w *world) {
			r := w.run(kind, client.Config{User: "u", Token: "code:1025"}, nil)
			<-r.ended
			w.expect("refusal", r.take()[2:], clienttest.At(0, clienttest.Told(client.Refused, 1025, wire.NewLoginResponse("u", 1025, 0))))
		})
	}
}

func TestLoopKickedOut(t *testing.T) {
	for _, kind := range wire.Transports {
		inWorld(t, kind, timing.Mode3S, nil, func(w *world) {
			r := w.online(kind)
			kick := wire.Kickout{Code: wire.KickAdministrator, Reason: wire.Some("enough")}
			if !w.server.Kick("u", kick) {
				w.Error("the server does not know the user")
			}
			<-r.ended
			w.expect("kick", r.take(), clienttest.At(0, clienttest.Told(client.KickedOut, kick.Code, wire.NewKickout("u", kick))))
		})
	}
}

// The context ends a client without a logout, whatever it is doing.
func TestLoopEndsWithItsContext(t *testing.T) {
	for _, kind := range wire.Transports {
		inWorld(t, kind, timing.Mode3S, nil, func(w *world) {
			r := w.online(kind)
			r.finish()
			w.expect("the end", r.take())
		})
	}
}

// A dial that ignores its context does not hold the client up; the connection
// that it makes too late is closed.
func TestLoopEndsBeforeItsDial(t *testing.T) {
	inWorld(t, wire.UDP, timing.Mode3S, nil, func(w *world) {
		ended := make(chan struct{})
		var late transport.Conn
		dial := func(context.Context) (conn transport.Conn, err error) {
			<-ended
			late, err = transport.Dial(context.Background(), w.network, wire.UDP, w.config.Addresses[wire.UDP], transport.Options{})
			return late, err
		}
		ctx, cancel := context.WithTimeout(w.Context(), time.Second)
		defer cancel()
		config := client.Config{User: "u", Transport: wire.UDP, Mode: timing.Mode3S}
		peer.NewLoop(client.New(config), dial, nil).Run(ctx)
		close(ended)
		synctest.Wait()
		if err := late.Send([]byte("x")); err == nil {
			w.Error("the late connection is still open")
		}
	})
}

// In every mode and on every transport the heartbeat is in time and keeps the
// session; when its answers stay away the link is clienttest.Given up at the table's time
// and the client logs in again at once, with its first login time (§3).
func TestLoopHeartbeatAndGiveUp(t *testing.T) {
	for _, test := range clienttest.Paces {
		t.Run(test.Mode.String()+"/"+test.Transport.String(), func(t *testing.T) {
			inWorld(t, test.Transport, test.Mode, nil, func(w *world) {
				r := w.online(test.Transport)
				var want []string
				for i := range 20 {
					beat := time.Duration(i+1) * clienttest.Seconds(test.Heartbeat)
					want = append(want, clienttest.At(beat, clienttest.Sends(wire.NewKeepAlive("u"))), clienttest.At(beat, clienttest.Effect(client.Effect{Kind: client.Alive})))
				}
				w.expect("heartbeat", r.until(20*clienttest.Seconds(test.Heartbeat)), want...)
				r.finish()
			})
			inWorld(t, test.Transport, test.Mode, []string{"heartbeat-answer-missing"}, func(w *world) {
				r := w.online(test.Transport)
				gone := clienttest.NextLook(clienttest.Seconds(test.GiveUp))
				got := clienttest.WithoutHeartbeat(r.until(gone + time.Second))
				w.expect("giving up", got, clienttest.At(gone, clienttest.LinkClosed()), clienttest.At(gone, "dial"),
					clienttest.At(gone, clienttest.Sends(clienttest.Login(r.firstLoginTime()))), clienttest.At(gone, clienttest.Told(client.LoggedIn, 0, clienttest.Welcome(r.firstLoginTime()))))
				r.finish()
			})
		})
	}
}

// A server that goes is missed, then tried every 3 s (UDP: 2 s); when it is
// back the client logs in with the first login time of old (§3).
func TestLoopReconnects(t *testing.T) {
	for _, kind := range wire.Transports {
		inWorld(t, kind, timing.Mode3S, nil, func(w *world) {
			pause := timing.Relogin(kind)
			r := w.online(kind)
			first := r.firstLoginTime()
			r.until(time.Second)
			w.server.Close()
			// On UDP the end of the server shows when the next keep-alive is refused.
			gone := time.Second
			if kind == wire.UDP {
				gone = 3 * time.Second
			}
			got := r.until(gone + 2*pause + pause/2)
			var want []string
			if kind == wire.UDP {
				want = append(want, clienttest.At(gone, clienttest.Sends(wire.NewKeepAlive("u"))))
			}
			want = append(want, clienttest.At(gone, clienttest.LinkClosed()))
			for attempt := range 3 {
				when := gone + time.Duration(attempt)*pause
				want = append(want, clienttest.At(when, "dial"))
				if kind == wire.UDP {
					want = append(want, clienttest.At(when, clienttest.Sends(clienttest.Login(first))))
				}
			}
			w.expect("while the server is away", got, want...)
			w.start()
			back := gone + 3*pause
			w.expect("when it is back", r.until(back), clienttest.At(back, "dial"), clienttest.At(back, clienttest.Sends(clienttest.Login(first))), clienttest.At(back, clienttest.Told(client.LoggedIn, 0, clienttest.Welcome(first))))
			r.finish()
		})
	}
}

// A session that the server has forgotten is noticed by error 301, and
// renewed one pause later (§3).
func TestLoopNotLoggedIn(t *testing.T) {
	inWorld(t, wire.UDP, timing.Mode3S, nil, func(w *world) {
		r := w.online(wire.UDP)
		r.until(time.Second)
		// As if somebody else had sent it.
		if err := r.conn().Send(wire.NewLogout("u").Append(nil)); err != nil {
			w.Fatal(err)
		}
		const noticed, again = 3 * time.Second, 5 * time.Second
		w.expect("301", r.until(6*time.Second), clienttest.At(noticed, clienttest.Sends(wire.NewKeepAlive("u"))),
			clienttest.At(noticed, clienttest.Told(client.Failed, wire.CodeServerNotLoggedIn, clienttest.NotLoggedIn())),
			clienttest.At(again, clienttest.Sends(clienttest.Login(r.firstLoginTime()))), clienttest.At(again, clienttest.Told(client.LoggedIn, 0, clienttest.Welcome(r.firstLoginTime()))))
		r.finish()
	})
}

// Without ACKs a message goes out three times and is lost (§4); the server's
// application sees it once.
func TestLoopRetransmits(t *testing.T) {
	for _, kind := range wire.Transports {
		inWorld(t, kind, timing.Mode120S, []string{"c2s-ack-missing"}, func(w *world) {
			r := w.online(kind)
			r.until(2500 * time.Millisecond)
			m := wire.NewQoSData("u", wire.ServerID, "x", "fp")
			if err := r.Send(w.Context(), m); err != nil {
				w.Fatal(err)
			}
			w.expect("copies", r.until(30*time.Second), clienttest.At(2500*time.Millisecond, clienttest.Sends(m)),
				clienttest.At(10*time.Second, clienttest.Sends(m)), clienttest.At(15*time.Second, clienttest.Sends(m)), clienttest.At(20*time.Second, clienttest.Told(client.Lost, 0, m)))
			r.finish()
		})
	}
}

// What the server sends again is acknowledged again, and shown once.
func TestLoopDedup(t *testing.T) {
	for _, kind := range wire.Transports {
		inWorld(t, kind, timing.Mode120S, []string{"c2c-doubled"}, func(w *world) {
			r := w.online(kind)
			m := wire.NewQoSData("v", "u", "x", "fp")
			m.From = wire.Some("u")
			if err := r.Send(w.Context(), m); err != nil {
				w.Fatal(err)
			}
			ack := clienttest.Sends(wire.NewReceived(m))
			got := r.take()
			for _, want := range []string{clienttest.Told(client.Delivered, 0, m), clienttest.Told(client.Duplicate, 0, m), clienttest.Told(client.Received, 0, m)} {
				if count(got, want) != 1 {
					w.Errorf("%s: %q, want once %s", kind, got, want)
				}
			}
			if count(got, ack) != 2 {
				w.Errorf("%s: %q, want two ACKs", kind, got)
			}
			r.finish()
		})
	}
}

// On a path that loses a third of everything each message is shown at most
// once, and its sender hears what became of it.
func TestLoopOnABadPath(t *testing.T) {
	const messages = 60
	for seed := range int64(3) {
		inWorld(t, wire.UDP, timing.Mode120S, nil, func(w *world) {
			policy, _, err := impair.Parse([]string{"udp: drop=30%, duplicate=10%, reorder=10%, delay=50ms, jitter=50ms"})
			if err != nil {
				w.Fatal(err)
			}
			policy.Seed = seed
			path := impair.New(policy)
			defer path.Settle()
			r := w.run(wire.UDP, client.Config{User: "u", Token: "t"}, path)
			r.until(time.Minute)
			var sent []wire.Message
			for i := range messages {
				m := wire.NewQoSData("u", "u", "x", fmt.Sprint("fp-", i))
				if err := r.Send(w.Context(), m); err != nil {
					w.Fatal(err)
				}
				sent = append(sent, m)
			}
			seen := r.until(100 * time.Second)
			delivered := 0
			for _, m := range sent {
				shown := count(seen, clienttest.Told(client.Delivered, 0, m))
				outcomes := count(seen, clienttest.Told(client.Received, 0, m)) + count(seen, clienttest.Told(client.Lost, 0, m))
				if shown > 1 || outcomes != 1 {
					w.Errorf("seed %d: %s was shown %d times and has %d outcomes", seed, m.Fingerprint.Value(), shown, outcomes)
				}
				delivered += shown
			}
			if delivered < messages/2 {
				w.Errorf("seed %d: %d of %d messages arrived, which shows nothing", seed, delivered, messages)
			}
			r.finish()
		})
	}
}

// A client ignores what it cannot decode.
func TestLoopPassesOverBadMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memory.New()
		socket, err := n.ListenPacket("127.0.0.1:7000")
		if err != nil {
			t.Fatal(err)
		}
		defer socket.Close()
		go func() {
			_, from, err := socket.ReadFromUDPAddrPort(make([]byte, 1000))
			if err != nil {
				return
			}
			for _, text := range []string{"x", "", "[]", `{"type":"x"}`, clienttest.Welcome(clienttest.Given).String()} {
				socket.WriteToUDPAddrPort([]byte(text), from)
			}
		}()
		w := &world{T: t, network: n}
		w.config.Modes = timing.DefaultModes()
		w.config.Addresses[wire.UDP] = "127.0.0.1:7000"
		r := w.run(wire.UDP, client.Config{User: "u", Token: "t"}, nil)
		w.expect("login", r.take()[2:], clienttest.At(0, clienttest.Told(client.LoggedIn, 0, clienttest.Welcome(clienttest.Given))))
		r.finish()
	})
}
