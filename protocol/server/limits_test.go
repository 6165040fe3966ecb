package server_test

import (
	"testing"
	"time"

	"imcheck/protocol/qos"
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
)

// Connections without a login have a limit of their own; each way out of that
// state makes room for one more.
func TestUnloggedLimit(t *testing.T) {
	leave := map[string]func(b *bench, s *server.Session){
		"login":      func(b *bench, s *server.Session) { b.receive(s, login("u", 0)) },
		"refusal":    func(b *bench, s *server.Session) { b.receive(s, wire.NewKeepAlive("u")) },
		"logout":     func(b *bench, s *server.Session) { b.receive(s, wire.NewLogout("u")) },
		"bad":        func(b *bench, s *server.Session) { b.raw(s, "x") },
		"connection": func(b *bench, s *server.Session) { b.Closed(b.now, s) },
		"twice":      func(b *bench, s *server.Session) { b.raw(s, "x"); b.Closed(b.now, s) },
		"user leaves": func(b *bench, s *server.Session) {
			b.receive(s, login("u", 0))
			b.receive(s, login("v", 0))
			b.receive(s, wire.NewLogout("v"))
			b.Closed(b.now, s)
		},
		"kicked at once": func(b *bench, s *server.Session) {
			first := b.open(wire.UDP, "first")
			b.receive(first, login("u", 1000))
			b.receive(s, login("u", 999))
		},
	}
	for name, leave := range leave {
		for _, kind := range streams {
			b := newBench(t, func(c *server.Config) { c.Limits.Unlogged = 3 })
			b.open(wire.TCP, "a")
			b.open(wire.WS, "b")
			s := b.open(kind, "c")
			if b.Open(b.now, wire.TCP, "elsewhere", "d") != nil || b.Open(b.now, wire.WS, "elsewhere", "d") != nil {
				t.Fatalf("%s on %s: a fourth stranger is let in", name, kind)
			}
			leave(b, s)
			b.open(kind, "d")
			if b.Open(b.now, kind, "elsewhere", "e") != nil {
				t.Errorf("%s on %s: it made room for two", name, kind)
			}
		}
	}
}

// One source may hold its share of them, and others the rest.
func TestUnloggedPerSource(t *testing.T) {
	for _, kind := range streams {
		b := newBench(t, func(c *server.Config) { c.Limits.Unlogged, c.Limits.UnloggedPerSource = 5, 2 })
		in := func(source string) *server.Session { return b.Open(b.now, kind, source, "a session") }
		expect := func(when, source string, want int) {
			t.Helper()
			got := 0
			for got < 10 && in(source) != nil {
				got++
			}
			if got != want {
				t.Errorf("%s, %s: %d of %s are let in, want %d", kind, when, got, source, want)
			}
		}
		first, second := in("x"), in("x")
		expect("with two", "x", 0)
		expect("with two of another", "y", 2)
		expect("with four in all", "z", 1)
		b.receive(first, login("u", 0))
		expect("after a login", "x", 1)
		b.Closed(b.now, second)
		b.Closed(b.now, second)
		b.Closed(b.now, first) // its login has made room already
		expect("after an end", "x", 1)
		b.advance(time.Minute)
		expect("after all have expired", "x", 2)
		expect("after all have expired", "y", 2)
		expect("after all have expired", "z", 1)
	}
}

func TestUnloggedLimitAndExpiry(t *testing.T) {
	b := newBench(t, func(c *server.Config) { c.Limits.Unlogged = 2 })
	for range 3 {
		b.open(wire.TCP, "a")
		b.open(wire.WS, "b")
		if b.Open(b.now, wire.TCP, "elsewhere", "c") != nil {
			t.Fatal("a third stranger is let in")
		}
		b.advance(b.now.Sub(start) + 7*time.Second)
	}
}

// A stranger on UDP holds nothing: however many there are, nothing is due for them.
func TestStrangersOnUDPHoldNothing(t *testing.T) {
	b := newBench(t, func(c *server.Config) { c.Limits.Unlogged = 0 })
	for range 1000 {
		s := b.open(wire.UDP, "stranger")
		b.receive(s, wire.NewKeepAlive("u"))
		b.receive(s, wire.NewEcho("u", "x"))
		b.receive(s, wire.New(wire.TypeLogin, "u", wire.ServerID))
	}
	if got := b.Next().Sub(start); got != qos.SweepEvery {
		t.Errorf("something is due after %v, before the first sweep", got)
	}
	b.expect("later", b.advance(time.Hour))
}
