package reference_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
	"imcheck/reference-server/variants"
)

// findVariants finds variants by name.
func findVariants(t *testing.T, names ...string) []variants.Variant {
	t.Helper()
	found, err := variants.Find(names)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// withVariants starts a server in memory, in sense mode 3S; call it in a bubble.
func withVariants(t *testing.T, names ...string) (*reference.Server, transport.Network) {
	t.Helper()
	config := everywhere(memory.New())
	config.Modes = timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S}
	config.Variants, config.Seed = findVariants(t, names...), 1
	return start(t, config), config.Network
}

// Each variant has a name of its own and says what it uses and does, and its
// server logs users in and answers their keep-alives on each transport. Datagrams
// that are lost are sent again.
func TestVariants(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	if n := len(variants.All()); n < 34 {
		t.Errorf("%d variants", n)
	}
	for _, v := range variants.All() {
		t.Run(v.Name, func(t *testing.T) {
			if v.Name == "" || strings.ContainsAny(v.Name, " ,=\n") || v.Does == "" || v.Freedom == "" || seen[v.Name] {
				t.Errorf("%+v: its name or what it does is missing, or there are two", v)
			}
			seen[v.Name] = true
			t.Parallel()
			onNetworks(t, func(t *testing.T, n transport.Network) {
				config := everywhere(n)
				config.Variants, config.Seed = findVariants(t, v.Name), 1
				s := start(t, config)
				for _, kind := range wire.Transports {
					p := dial(t, n, s, kind, transport.Options{})
					p.until(loginMessage("u-"+kind.String()), wire.TypeLoginResponse)
					p.until(wire.NewKeepAlive("u-"+kind.String()), wire.TypeKeepAliveResponse)
					_ = p.Abort()
				}
				s.Close()
			})
		})
	}
}

// until sends a message, again each second, until an answer of a type is there.
func (p *peer) until(m wire.Message, want wire.Type) {
	p.Helper()
	for range 20 {
		p.send(m)
		_ = p.SetReceiveDeadline(time.Now().Add(time.Second))
		for {
			body, err := p.Conn.Receive()
			if err != nil {
				break
			}
			if answer, _ := wire.Decode(body); answer.Type == want {
				_ = p.SetReceiveDeadline(time.Now().Add(patience))
				return
			}
		}
	}
	p.Fatalf("no %s", want)
}

// expectAt wants a message of a type at a moment after begin, exactly.
func (p *peer) expectAt(begin time.Time, after time.Duration, want wire.Type) {
	p.Helper()
	m := p.expect(want)
	if got := time.Since(begin); got != after {
		p.Errorf("%s after %v, want %v", m.Type, got, after)
	}
}

// pair logs in two users and returns when that has settled.
func pair(t *testing.T, n transport.Network, s *reference.Server, kind wire.Transport) (u, v *peer) {
	t.Helper()
	u, v = dial(t, n, s, kind, transport.Options{}), dial(t, n, s, kind, transport.Options{})
	u.login("u")
	v.login("v")
	return u, v
}

// A message between clients: when it and its ACK come with each variant that is
// about them.
func TestTimesOfDeliveries(t *testing.T) {
	const ms = time.Millisecond
	for names, want := range map[string]struct{ delivery, ack time.Duration }{
		"":                                    {0, 0},
		"deliveries-late":                     {800 * ms, 0},
		"ack-before-delivery":                 {500 * ms, 0},
		"ack-after-delivery":                  {0, 800 * ms},
		"events-early":                        {300 * ms, 300 * ms},
		"deliveries-late,ack-before-delivery": {800 * ms, 0}, // they do not add up
		"deliveries-late,ack-after-delivery,registration-late,end-late": {800 * ms, 800 * ms},
	} {
		t.Run(names, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, n := withVariants(t, strings.FieldsFunc(names, func(r rune) bool { return r == ',' })...)
				u, v := pair(t, n, s, wire.TCP)
				begin := time.Now()
				u.send(wire.NewQoSData("u", "v", "x", "fp"))
				if want.delivery <= want.ack {
					v.expectAt(begin, want.delivery, wire.TypeData)
					u.expectAt(begin, want.ack, wire.TypeReceived)
				} else {
					u.expectAt(begin, want.ack, wire.TypeReceived)
					v.expectAt(begin, want.delivery, wire.TypeData)
				}
			})
		})
	}
}

// Answers come when a variant says, however many variants there are.
func TestTimesOfAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, n := withVariants(t, "answers-late", "answers-late", "registration-late", "events-late", "close-late")
		for _, kind := range wire.Transports {
			p := dial(t, n, s, kind, transport.Options{})
			begin := time.Now()
			p.send(loginMessage("u"))
			p.send(wire.NewKeepAlive("u"))
			p.expectAt(begin, 800*time.Millisecond, wire.TypeLoginResponse)
			p.expectAt(begin, 800*time.Millisecond, wire.TypeKeepAliveResponse)
			begin = time.Now()
			p.send(wire.NewLogout("u"))
			if kind.Connected() {
				p.end()
			} else {
				p.send(wire.NewKeepAlive("u"))
				p.expect(wire.TypeErrorResponse)
			}
			if took := time.Since(begin); took != 800*time.Millisecond {
				t.Errorf("the end on %s took %v", kind, took)
			}
		}
	})
}

// The second copy comes at its time in the window, and the loss 5 s after it.
func TestTimesOfRetransmissions(t *testing.T) {
	for name, want := range map[string]time.Duration{"retransmission-earliest": 2 * time.Second, "retransmission-latest": 7 * time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, n := withVariants(t, name, "deliveries-late")
				p := dial(t, n, s, wire.UDP, transport.Options{})
				p.login("u")
				begin := time.Now()
				s.Push(wire.NewQoSData(wire.ServerID, "u", "x", "fp"))
				p.expectAt(begin, 800*time.Millisecond, wire.TypeData)
				p.expectAt(begin.Add(800*time.Millisecond), want, wire.TypeData)
			})
		})
	}
}

// A session that is silent expires on time but with expiry-late, whatever else is
// late.
func TestTimesOfExpiry(t *testing.T) {
	for name, want := range map[string]time.Duration{"close-late": 7 * time.Second, "expiry-late": 7090 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			s, n := withVariants(t, name)
			p := dial(t, n, s, wire.WS, transport.Options{})
			p.login("u")
			begin := time.Now()
			p.end()
			if took := time.Since(begin); took != want {
				t.Errorf("%s: it expired after %v, want %v", name, took, want)
			}
		})
	}
}

// The list of users keeps somebody who has left, as long as the variants say.
func TestListOfUsersThatLags(t *testing.T) {
	for name, want := range map[string]time.Duration{"end-late": 400 * time.Millisecond, "online-list-stale": 400 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			s, n := withVariants(t, name)
			p := dial(t, n, s, wire.UDP, transport.Options{})
			p.login("u")
			begin := time.Now()
			s.Online()
			p.send(wire.NewLogout("u"))
			synctest.Wait()
			time.Sleep(want - time.Nanosecond)
			synctest.Wait()
			if online := s.Online(); len(online) != 1 {
				t.Errorf("%s: %q after %v", name, online, time.Since(begin))
			}
			time.Sleep(time.Nanosecond)
			synctest.Wait()
			if online := s.Online(); len(online) != 0 {
				t.Errorf("%s: %q after %v", name, online, time.Since(begin))
			}
		})
	}
}

// What is random is the same with the same seed.
func TestSeedOfVariants(t *testing.T) {
	times := func(seed uint64) (all []time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			config := everywhere(memory.New())
			config.Variants, config.Seed = findVariants(t, "answers-uneven", "deliveries-uneven"), seed
			s := start(t, config)
			p := dial(t, config.Network, s, wire.TCP, transport.Options{})
			p.login("u")
			for range 5 {
				begin := time.Now()
				p.send(wire.NewData("u", "u", "x"))
				p.expect(wire.TypeData)
				p.keepAlive("u")
				all = append(all, time.Since(begin))
			}
		})
		return all
	}
	same := func(a, b []time.Duration) bool {
		for i := range a {
			if a[i] != b[i] {
				return false
			}
		}
		return true
	}
	one, again, two := times(1), times(1), times(2)
	if !same(one, again) || same(one, two) {
		t.Errorf("seed 1 gave %v and %v, seed 2 %v", one, again, two)
	}
}

// A server whose stream variants are all on, with TLS and without.
func TestStreamVariantsTogether(t *testing.T) {
	forServer, forClients := certificate(t)
	for _, secure := range []bool{false, true} {
		config := everywhere(transport.OS{})
		var options transport.Options
		if secure {
			config.TLS, options.TLS = forServer, forClients
		}
		config.Variants = findVariants(t, "writes-joined", "bytes-one-by-one", "writes-split-odd")
		s := start(t, config)
		for _, kind := range []wire.Transport{wire.TCP, wire.WS} {
			p := dial(t, config.Network, s, kind, options)
			p.login("u")
			big := wire.NewData("u", "u", strings.Repeat("x", 5000))
			p.send(big)
			if m := p.expect(wire.TypeData); m.DataContent != big.DataContent {
				t.Errorf("%s: it came changed", kind)
			}
			p.send(wire.NewLogout("u"))
			p.expectEnd(1000)
		}
	}
}
