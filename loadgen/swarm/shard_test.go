package swarm

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport/memory"
	"imcheck/loadgen/books"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/reports"
)

func TestCheckRefusesShards(t *testing.T) {
	now := time.Now()
	tests := []struct {
		name, flag, reason string
		change             func(c *Config)
	}{
		{"too few clients", "shard", "18 clients are too few for 4 shards, which take 6 at a time", func(c *Config) { c.Shard, c.Clients, c.Start = plan.Shard{Index: 1, Of: 4}, 18, now.Add(time.Hour) }},
		{"no common start", "shard", "start", func(c *Config) { c.Shard, c.Clients = plan.Shard{Index: 1, Of: 4}, 19 }},
		{"a start that is over", "start", "is over", func(c *Config) { c.Start = now.Add(-time.Millisecond) }},
		{"a start that is far off", "start", "use a time within the next 24h", func(c *Config) { c.Start = now.Add(maxStartAhead + time.Hour) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := goodConfig()
			test.change(&c)
			var refused *options.Error
			if err := c.Check(); !errors.As(err, &refused) || refused.Option != test.flag || !strings.Contains(refused.Reason, test.reason) {
				t.Errorf("got %v, want a *options.Error for %s with %q", err, test.flag, test.reason)
			}
		})
	}
	c := goodConfig()
	c.Shard, c.Clients, c.Start = plan.Shard{Index: 4, Of: 4}, 19, now.Add(time.Hour)
	if err := c.Check(); err != nil {
		t.Errorf("the last shard has one client, which is enough: %v", err)
	}
	c.Shard, c.Start = plan.Shard{Index: 1, Of: 1}, time.Time{}
	if err := c.Check(); err != nil {
		t.Errorf("one shard of one needs nobody to agree with: %v", err)
	}
}

// A divided run has one nonce, and each divided run another.
func TestNonceOfShards(t *testing.T) {
	c := Config{Options: options.Options{Seed: 1}, Shard: plan.Shard{Index: 1, Of: 4}, Start: time.Unix(1, 0)}
	first := nonceOf(c)
	c.Shard.Index = 4
	if other := nonceOf(c); other != first {
		t.Errorf("shards call themselves %q and %q", first, other)
	}
	for name, change := range map[string]func(c *Config){
		"start": func(c *Config) { c.Start = c.Start.Add(1) }, "seed": func(c *Config) { c.Seed++ }, "number": func(c *Config) { c.Shard.Of++ },
	} {
		changed := c
		change(&changed)
		if nonceOf(changed) == first {
			t.Errorf("another %s has the same nonce", name)
		}
	}
	c.Shard = plan.Shard{}
	if one, other := nonceOf(c), nonceOf(c); one == other {
		t.Errorf("two runs that are not divided have the nonce %q", one)
	}
}

// runShards runs every shard of a load at once, in virtual time, against one
// server.
func runShards(t *testing.T, c Config, of int) (loads []*reports.Load) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s, described := startServer(t, memory.New())
		defer s.Close()
		c.Target, c.Start = described, time.Now().Add(10*time.Second)
		loads = make([]*reports.Load, of)
		var running sync.WaitGroup
		for i := range of {
			running.Go(func() {
				time.Sleep(time.Duration(i) * time.Second) // virtual: nobody starts them together
				c := c
				c.Shard = plan.Shard{Index: i + 1, Of: of}
				var err error
				if loads[i], err = Run(t.Context(), c); err != nil {
					t.Error(err)
				}
			})
		}
		running.Wait()
	})
	return loads
}

// Together the shards do what one process does: the messages that one of them
// sends and another one receives included.
func TestShardsAreTheWholeRun(t *testing.T) {
	c := load()
	c.Duration = 10 * time.Second
	c.Clients, c.Rate = 61, 60 // the 61st writes to the first, in another shard
	whole := runVirtual(t, c, nil)
	shards := runShards(t, c, 4)
	var c2s, c2c reports.Ledger
	var loggedIn, clients int64
	crossing := false
	for i, shard := range shards {
		expect(t, shard, reports.OutcomePass, 0, "")
		if !shard.Started.Equal(shards[0].Started) {
			t.Errorf("shard %d counts from %v, the first one from %v", i+1, shard.Started, shards[0].Started)
		}
		own := ledgerOf(t, shard, plan.ToClient)
		crossing = crossing || own.Sent != own.Delivered
		addLedger(&c2s, ledgerOf(t, shard, plan.ToServer))
		addLedger(&c2c, own)
		loggedIn += shard.Sessions.LoggedIn
		for _, n := range shard.Clients {
			clients += int64(n)
		}
	}
	if !crossing {
		t.Error("no message went from one shard to another: the test shows nothing")
	}
	if want := ledgerOf(t, whole, plan.ToServer); c2s.Sent != want.Sent || c2s.Acknowledged != want.Sent {
		t.Errorf("the shards have %+v, the whole %+v", c2s, want)
	}
	if want := ledgerOf(t, whole, plan.ToClient); c2c.Sent != want.Sent || c2c.Acknowledged != want.Sent || c2c.Delivered != want.Sent || c2c.Duplicated != 0 {
		t.Errorf("the shards have %+v, the whole %+v", c2c, want)
	}
	if loggedIn != 61 || clients != 61 {
		t.Errorf("%d logins of %d clients, want 61", loggedIn, clients)
	}
	for _, kind := range books.KindNames {
		var n int64
		for _, shard := range shards {
			n += latencyOf(shard, kind, reports.AllTransports, reports.FromDue).Count
		}
		if want := latencyOf(whole, kind, reports.AllTransports, reports.FromDue).Count; n != want {
			t.Errorf("the shards have %d of %s, the whole %d", n, kind, want)
		}
	}
}

func addLedger(total *reports.Ledger, l reports.Ledger) {
	total.Sent += l.Sent
	total.Acknowledged += l.Acknowledged
	total.Delivered += l.Delivered
	total.Duplicated += l.Duplicated
}

// Interrupted before its start, a run ends at once and says so.
func TestSwarmIsInterruptedBeforeItsStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, described := startServer(t, memory.New())
		defer s.Close()
		ctx, cancel := context.WithCancel(t.Context())
		c := load()
		c.Target, c.Start = described, time.Now().Add(time.Hour)
		began := time.Now()
		time.AfterFunc(time.Minute, cancel)
		report, err := Run(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		expect(t, report, reports.OutcomeUnreachable, 3, "interrupted after 0.0 s")
		if took := time.Since(began); took != time.Minute+settlePoll { // the next look at whether anything is under way
			t.Errorf("it took %v", took)
		}
	})
}

// Each shard has every transport.
func TestShardsHaveEveryTransport(t *testing.T) {
	c := Config{Options: options.Options{Clients: 120}, Transports: mixed, Shard: plan.Shard{Index: 2, Of: 4}}
	if on := c.clientsOn(); on["udp"] != 10 || on["tcp"] != 10 || on["ws"] != 10 {
		t.Errorf("clients are %v, want 10 of each", on)
	}
}
