package client_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/client"
	"imcheck/harness/timing"
	"imcheck/harness/transport"
	"imcheck/harness/transport/impair"
	"imcheck/harness/transport/memory"
	"imcheck/harness/wire"
)

func TestLoopLogsInAndOut(t *testing.T) {
	for _, kind := range wire.Transports {
		inWorld(t, kind, timing.Mode3S, nil, func(w *world) {
			r := w.run(kind, client.Config{User: "u", Token: "t"}, nil)
			w.expect("login", r.take(), at(0, "dial"), at(0, sends(login(0))), at(0, told(client.LoggedIn, 0, welcome(r.firstLoginTime()))))
			time.Sleep(time.Second)
			if err := r.Logout(w.Context()); err != nil {
				w.Error(err)
			}
			<-r.ended
			w.expect("logout", r.take(), at(time.Second, sends(wire.NewLogout("u"))))
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
			w.expect("refusal", r.take()[2:], at(0, told(client.Refused, 1025, wire.NewLoginResponse("u", 1025, 0))))
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
			w.expect("kick", r.take(), at(0, told(client.KickedOut, kick.Code, wire.NewKickout("u", kick))))
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
		client.NewLoop(client.New(config), dial, nil).Run(ctx)
		close(ended)
		synctest.Wait()
		if err := late.Send([]byte("x")); err == nil {
			w.Error("the late connection is still open")
		}
	})
}

// In every mode and on every transport the heartbeat is in time and keeps the
// session; when its answers stay away the link is given up at the table's time
// and the client logs in again at once, with its first login time (§3).
func TestLoopHeartbeatAndGiveUp(t *testing.T) {
	for _, test := range paces {
		t.Run(test.mode.String()+"/"+test.transport.String(), func(t *testing.T) {
			inWorld(t, test.transport, test.mode, nil, func(w *world) {
				r := w.online(test.transport)
				var want []string
				for i := range 20 {
					beat := time.Duration(i+1) * seconds(test.heartbeat)
					want = append(want, at(beat, sends(wire.NewKeepAlive("u"))), at(beat, effect(client.Effect{Kind: client.Alive})))
				}
				w.expect("heartbeat", r.until(20*seconds(test.heartbeat)), want...)
				r.finish()
			})
			inWorld(t, test.transport, test.mode, []string{"heartbeat-answer-missing"}, func(w *world) {
				r := w.online(test.transport)
				gone := nextLook(seconds(test.giveUp))
				got := withoutHeartbeat(r.until(gone + time.Second))
				w.expect("giving up", got, at(gone, linkClosed()), at(gone, "dial"),
					at(gone, sends(login(r.firstLoginTime()))), at(gone, told(client.LoggedIn, 0, welcome(r.firstLoginTime()))))
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
				want = append(want, at(gone, sends(wire.NewKeepAlive("u"))))
			}
			want = append(want, at(gone, linkClosed()))
			for attempt := range 3 {
				when := gone + time.Duration(attempt)*pause
				want = append(want, at(when, "dial"))
				if kind == wire.UDP {
					want = append(want, at(when, sends(login(first))))
				}
			}
			w.expect("while the server is away", got, want...)
			w.start()
			back := gone + 3*pause
			w.expect("when it is back", r.until(back), at(back, "dial"), at(back, sends(login(first))), at(back, told(client.LoggedIn, 0, welcome(first))))
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
		w.expect("301", r.until(6*time.Second), at(noticed, sends(wire.NewKeepAlive("u"))),
			at(noticed, told(client.Failed, wire.CodeServerNotLoggedIn, notLoggedIn())),
			at(again, sends(login(r.firstLoginTime()))), at(again, told(client.LoggedIn, 0, welcome(r.firstLoginTime()))))
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
			w.expect("copies", r.until(30*time.Second), at(2500*time.Millisecond, sends(m)),
				at(10*time.Second, sends(m)), at(15*time.Second, sends(m)), at(20*time.Second, told(client.Lost, 0, m)))
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
			ack := sends(wire.NewReceived(m))
			got := r.take()
			for _, want := range []string{told(client.Delivered, 0, m), told(client.Duplicate, 0, m), told(client.Received, 0, m)} {
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
				shown := count(seen, told(client.Delivered, 0, m))
				outcomes := count(seen, told(client.Received, 0, m)) + count(seen, told(client.Lost, 0, m))
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

// What a client cannot read is passed over.
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
			for _, text := range []string{"x", "", "[]", `{"type":"x"}`, welcome(given).String()} {
				socket.WriteToUDPAddrPort([]byte(text), from)
			}
		}()
		w := &world{T: t, network: n}
		w.config.Modes = timing.DefaultModes()
		w.config.Addresses[wire.UDP] = "127.0.0.1:7000"
		r := w.run(wire.UDP, client.Config{User: "u", Token: "t"}, nil)
		w.expect("login", r.take()[2:], at(0, told(client.LoggedIn, 0, welcome(given))))
		r.finish()
	})
}
