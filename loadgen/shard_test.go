package loadgen

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport/memory"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

func TestParseShard(t *testing.T) {
	tests := []struct {
		text   string
		base   int
		want   Shard
		reason string // of the error
	}{
		{"1/1", 1, Shard{1, 1}, ""},
		{"4/4", 1, Shard{4, 4}, ""},
		{"0/4", 0, Shard{1, 4}, ""},
		{"3/4", 0, Shard{4, 4}, ""},
		{"0/4", 1, Shard{}, "shard 0 of 4: use 1 to 4"},
		{"5/4", 1, Shard{}, "shard 5 of 4: use 1 to 4"},
		{"4/4", 0, Shard{}, "shard 4 of 4: use 0 to 3"},
		{"-1/4", 1, Shard{}, "use 1 to 4"},
		{"x", 1, Shard{}, "is not I/N: use such as 1/4"},
		{"", 1, Shard{}, "is not I/N"},
		{"1/", 1, Shard{}, "is not I/N"},
		{"1/4/4", 1, Shard{}, "is not I/N"},
		{"1/0", 1, Shard{}, "0 shards: use 1 to 1000"},
		{"1/1001", 1, Shard{}, "1001 shards"},
		{"1/4", 2, Shard{}, "use 0 or 1"},
	}
	for _, test := range tests {
		got, err := ParseShard(test.text, test.base)
		if got != test.want || (err == nil) != (test.reason == "") || err != nil && !strings.Contains(err.Error(), test.reason) {
			t.Errorf("%q from %d: %+v, %v; want %+v, …%s…", test.text, test.base, got, err, test.want, test.reason)
		}
	}
}

// Every client is in one shard, under one number, and the numbers of a shard
// have no gaps.
func TestSharesCoverAllClients(t *testing.T) {
	for _, transports := range [][]wire.Transport{mixed, streams, streams[:1]} {
		for _, of := range []int{1, 2, 3, 4, 7} {
			for clients := 1; clients < 60; clients++ {
				c := Config{Transports: transports, Clients: clients}
				owner := make([]int, clients)
				for index := 1; index <= of; index++ {
					c.Shard = Shard{index, of}
					s, last := c.share(), -1
					for own := range s.count(clients) {
						client := s.client(own)
						if client <= last || client >= clients || !s.has(client) || s.own(client) != own {
							t.Fatalf("%d clients in %d shards of %+v: number %d is client %d", clients, of, s, own, client)
						}
						last = client
						owner[client]++
					}
				}
				for client, owners := range owner {
					if owners != 1 {
						t.Fatalf("%d clients in %d shards: client %d is in %d of them", clients, of, client, owners)
					}
				}
			}
		}
	}
}

// Partners share a clock, and each shard has every transport.
func TestSharesKeepPartnersTogether(t *testing.T) {
	c := Config{Transports: mixed, Clients: 120, Shard: Shard{2, 4}}
	s, schedule := c.share(), newSchedule(c)
	for client := range c.Clients {
		if s.has(client) != s.has(schedule.partner(client)) {
			t.Errorf("client %d and its partner are apart", client)
		}
	}
	if on := c.clientsOn(); on["udp"] != 10 || on["tcp"] != 10 || on["ws"] != 10 {
		t.Errorf("clients are %v, want 10 of each", on)
	}
}

func TestCheckRefusesShards(t *testing.T) {
	now := time.Now()
	tests := []struct {
		name, flag, reason string
		change             func(c *Config)
	}{
		{"too few clients", "--shard", "18 clients are too few for 4 shards, which take 6 at a time", func(c *Config) { c.Shard, c.Clients, c.Start = Shard{1, 4}, 18, now.Add(time.Hour) }},
		{"no common start", "--shard", "--start-at", func(c *Config) { c.Shard, c.Clients = Shard{1, 4}, 19 }},
		{"a start that is over", "--start-at", "is over", func(c *Config) { c.Start = now.Add(-time.Millisecond) }},
		{"a start that is far off", "--start-at", "use a time within the next 24h", func(c *Config) { c.Start = now.Add(maxStartAhead + time.Hour) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := goodConfig()
			test.change(&c)
			var refused *ConfigError
			if err := c.Check(); !errors.As(err, &refused) || refused.Flag != test.flag || !strings.Contains(refused.Reason, test.reason) {
				t.Errorf("got %v, want a *ConfigError for %s with %q", err, test.flag, test.reason)
			}
		})
	}
	c := goodConfig()
	c.Shard, c.Clients, c.Start = Shard{4, 4}, 19, now.Add(time.Hour)
	if err := c.Check(); err != nil {
		t.Errorf("the last shard has one client, which is enough: %v", err)
	}
	c.Shard, c.Start = Shard{1, 1}, time.Time{}
	if err := c.Check(); err != nil {
		t.Errorf("one shard of one needs nobody to agree with: %v", err)
	}
}

// A divided run has one nonce, and each divided run another.
func TestNonceOfShards(t *testing.T) {
	c := Config{Seed: 1, Shard: Shard{1, 4}, Start: time.Unix(1, 0)}
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
	c.Shard = Shard{}
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
				c.Shard = Shard{i + 1, of}
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
		own := ledgerOf(t, shard, toClient)
		crossing = crossing || own.Sent != own.Delivered
		addLedger(&c2s, ledgerOf(t, shard, toServer))
		addLedger(&c2c, own)
		loggedIn += shard.Sessions.LoggedIn
		for _, n := range shard.Clients {
			clients += int64(n)
		}
	}
	if !crossing {
		t.Error("no message went from one shard to another: the test shows nothing")
	}
	if want := ledgerOf(t, whole, toServer); c2s.Sent != want.Sent || c2s.Acknowledged != want.Sent {
		t.Errorf("the shards have %+v, the whole %+v", c2s, want)
	}
	if want := ledgerOf(t, whole, toClient); c2c.Sent != want.Sent || c2c.Acknowledged != want.Sent || c2c.Delivered != want.Sent || c2c.Duplicated != 0 {
		t.Errorf("the shards have %+v, the whole %+v", c2c, want)
	}
	if loggedIn != 61 || clients != 61 {
		t.Errorf("%d logins of %d clients, want 61", loggedIn, clients)
	}
	for _, kind := range kindNames {
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

// A shard cannot tell a message that went to another one from one that got
// lost, and does not fail for it.
func TestShardDoesNotJudgeDelivery(t *testing.T) {
	messages := []reports.Ledger{{Kind: "c2c", Sent: 3, Acknowledged: 3, Delivered: 1, Missing: 2}}
	r := result{ending: ending{how: completed}, messages: messages, sessions: sessions{loggedIn: 1, atEnd: 1}}
	if outcome, _ := r.outcome(); outcome != reports.OutcomeFail {
		t.Errorf("a whole run is %s, want fail", outcome)
	}
	r.divided = true
	if outcome, reason := r.outcome(); outcome != reports.OutcomePass {
		t.Errorf("a shard is %s: %s; want pass", outcome, reason)
	}
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
		if took := time.Since(began); took != time.Minute+settlePoll { // when it is looked whether anything is under way
			t.Errorf("it took %v", took)
		}
	})
}
