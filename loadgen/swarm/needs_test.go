package swarm

import (
	"crypto/tls"
	"testing"
	"time"

	"imcheck/harness/transport"
	"imcheck/loadgen/host"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
)

// What a process needs is for its own clients, whatever the others have.
func TestNeeds(t *testing.T) {
	const mib = 1 << 20
	tests := []struct {
		name    string
		change  func(c *Config)
		clients int
		low     int64 // MiB
		high    int64
		sources int
	}{
		{"a few", func(*Config) {}, 10, 20, 21, 1},
		{"a million on TCP", func(c *Config) {
			c.Transports, c.Clients = []wire.Transport{wire.TCP}, options.MaxOwnClients
		}, options.MaxOwnClients, 950, 1100, (options.MaxOwnClients + host.EphemeralPorts() - 1) / host.EphemeralPorts()},
		{"the same by TLS", func(c *Config) {
			c.Transports, c.Clients = []wire.Transport{wire.TCP}, options.MaxOwnClients
			c.Target.TLS[wire.TCP] = &tls.Config{}
		}, options.MaxOwnClients, 11_000, 13_000, (options.MaxOwnClients + host.EphemeralPorts() - 1) / host.EphemeralPorts()},
		{"a shard of ten million", func(c *Config) {
			c.Transports, c.Clients = []wire.Transport{wire.WS}, options.MaxClients
			c.Shard, c.Start = plan.Shard{Index: 1, Of: 100}, time.Now().Add(time.Hour)
		}, options.MaxClients / 100, 150, 250, (options.MaxClients/100 + host.EphemeralPorts() - 1) / host.EphemeralPorts()},
	}
	for _, test := range tests {
		c := goodConfig()
		test.change(&c)
		got := c.Needs()
		if got.Clients != test.clients || got.MemoryBytes < test.low*mib || got.MemoryBytes > test.high*mib || got.Sources != test.sources || got.OpenFiles != c.OpenFilesNeeded() {
			t.Errorf("%s: %+v; want %d clients, %d to %d MiB, %d sources", test.name, got, test.clients, test.low, test.high, test.sources)
		}
		if got.Large() != (test.clients > 10) {
			t.Errorf("%s: large is %t", test.name, got.Large())
		}
	}
}

// Clients on shared sockets take less.
func TestNeedsOfSharedSockets(t *testing.T) {
	c := goodConfig()
	c.Transports, c.Clients, c.Target.Network = []wire.Transport{wire.UDP}, 200_000, transport.OS{}
	alone := c.Needs()
	c.Sources = loopbacks(200)
	if !c.engines(time.Time{}).UsesEventLoops() {
		t.Skip("sockets are shared on event loops only")
	}
	if got := c.Needs(); got.MemoryBytes >= alone.MemoryBytes || got.OpenFiles >= alone.OpenFiles {
		t.Errorf("%+v, and without shared sockets %+v", got, alone)
	}
}
