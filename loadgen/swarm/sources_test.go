package swarm

import (
	"errors"
	"math"
	"net/netip"
	"runtime"
	"strings"
	"testing"

	"imcheck/harness/transport"
	"imcheck/loadgen/engine"
	"imcheck/loadgen/host"
	"imcheck/loadgen/options"
	"imcheck/protocol/wire"
)

func TestCheckSources(t *testing.T) {
	tests := []struct {
		name   string
		reason string // reason of the refusal; "" for none
		change func(c *Config)
	}{
		{"one for all", "", func(*Config) {}},
		{"as many clients as there are ports", "", func(c *Config) { c.Clients = host.EphemeralPorts() }},
		{"the same on each transport", "", func(c *Config) { c.Transports, c.Clients = mixed, 3*host.EphemeralPorts() }},
		{"more clients than there are ports", "name at least 2 addresses", func(c *Config) { c.Clients = host.EphemeralPorts() + 1 }},
		{"an address twice", "twice", func(c *Config) { c.Sources = append(c.Sources, c.Sources[0]) }},
		{"an IPv6 address", "none of them reaches", func(c *Config) { c.Sources = []netip.Addr{netip.IPv6Loopback()} }},
		{"an IPv6 target", "none of them reaches [::1]:7", func(c *Config) { c.Target.Addresses[wire.TCP] = "[::1]:7" }},
		{"an IPv6 target and address", "", func(c *Config) {
			c.Target.Addresses[wire.TCP], c.Sources = "[::1]:7", append(c.Sources, netip.IPv6Loopback())
		}},
		{"a name", "", func(c *Config) { c.Target.Addresses[wire.TCP] = "im.example:7" }},
		{"an address of another machine", "192.0.2.1", func(c *Config) {
			c.Target.Network, c.Sources = transport.OS{}, []netip.Addr{netip.MustParseAddr("192.0.2.1")}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := goodConfig()
			c.Transports, c.Sources = []wire.Transport{wire.TCP}, []netip.Addr{netip.MustParseAddr("127.0.0.1")}
			test.change(&c)
			err := c.Check()
			var refused *options.Error
			switch {
			case test.reason == "":
				if err != nil {
					t.Error(err)
				}
			case !errors.As(err, &refused) || refused.Option != "sources" || !strings.Contains(refused.Reason, test.reason):
				t.Errorf("got %v, want a *options.Error for sources with %q", err, test.reason)
			}
		})
	}
}

func TestOpenFilesNeeded(t *testing.T) {
	c := goodConfig()
	c.Target.Network = transport.OS{}
	c.Clients = 30_000
	c.Transports = []wire.Transport{wire.UDP, wire.TCP}
	others := uint64(openFilesReserve + engine.FilesBesideConnections*c.workers())
	if got := c.OpenFilesNeeded(); got != 30_000+others {
		t.Errorf("%d files for 30,000 connections, want %d", got, 30_000+others)
	}
	c.Sources = loopbacks(100)
	want := 15_000 + 150 + uint64(c.workers()) + others
	if runtime.GOOS != "linux" {
		want = 30_000 + others
	}
	if got := c.OpenFilesNeeded(); got != want {
		t.Errorf("%d files for 15,000 connections and 15,000 on shared sockets, want %d", got, want)
	}
	c.Clients = math.MinInt
	if got := c.OpenFilesNeeded(); got > 1000 {
		t.Errorf("%d files for nobody", got)
	}
}
