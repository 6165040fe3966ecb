package engine

import (
	"net/netip"

	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// Routes distribute the connections of a run over the addresses of its target; nil where
// there is only one, or none is known yet.
type Routes [len(wire.Transports)]*target.Spread

// NewRoutes returns the routes of a run, which Close ends.
func NewRoutes(c *Config) (r Routes) {
	for _, kind := range wire.Transports {
		if c.Target != nil && c.Target.Addresses[kind] != "" {
			r[kind] = c.Target.NewSpread(kind, c.canReach)
		}
	}
	return r
}

// Report counts the connections to each address, on the transports that have several or a
// name for one.
func (r Routes) Report() (nodes []reports.Node) {
	for kind, spread := range r {
		if spread == nil || !spread.Several() {
			continue
		}
		for _, use := range spread.Uses() {
			nodes = append(nodes, reports.Node{
				Transport: wire.Transport(kind).String(), Host: use.Host, Address: use.At.String(),
				Opened: use.Opened.Load(), Failed: use.Failed.Load(), Ended: use.Ended.Load(),
			})
		}
	}
	return nodes
}

// Close ends the lookups of names.
func (r Routes) Close() {
	for _, spread := range r {
		if spread != nil {
			spread.Close()
		}
	}
}

// router picks the address of each connection of one engine. It belongs to the worker's
// goroutine.
type router struct {
	routes  Routes
	several [len(wire.Transports)]bool // the transports whose connections it follows
	clients []route                    // by slot
}

// route is the destination of the connection of one client.
type route struct {
	to     *target.NodeUse
	serial plan.Connection
	shift  uint32 // number of addresses that it was passed on from
	heard  bool   // something has come from there
}

func newRouter(c *Config) *router {
	r := &router{routes: c.Routes}
	for kind, spread := range c.Routes {
		r.several[kind] = spread != nil && spread.Several()
	}
	return r
}

// pick returns the address of a new connection. ok is false if it is the one that the
// target has.
func (r *router) pick(t wire.Transport, id ConnectionID, seat plan.Seat) (node transport.Node, ok bool) {
	if r.routes[t] == nil {
		return node, false
	}
	if !r.several[t] {
		return r.routes[t].Pick(0, false).Node, true
	}
	for int(id.Client) >= len(r.clients) {
		r.clients = append(r.clients, route{})
	}
	c := &r.clients[id.Client]
	again := c.to != nil
	if again && !c.heard {
		c.shift++ // it did not answer: the next one may
	}
	c.to = r.routes[t].Pick(int(seat)+int(c.shift), again)
	c.serial, c.heard = id.Serial, false
	return c.to.Node, true
}

// note counts what happens on a connection, and says which address it leads to.
func (r *router) note(a *Arrival) {
	if int(a.ID.Client) >= len(r.clients) {
		return
	}
	c := &r.clients[a.ID.Client]
	if c.to == nil || c.serial != a.ID.Serial {
		return
	}
	switch a.Kind {
	case Opened:
		c.to.Opened.Add(1)
		a.Node = c.to.Place
	case Failed:
		c.to.Failed.Add(1)
	case Ended:
		c.to.Ended.Add(1)
	case Received, Noise:
		c.heard = true
	}
}

// canReach reports whether an address can be reached from one of the source addresses.
func (c *Config) canReach(a netip.Addr) bool {
	if len(c.Sources) == 0 {
		return true
	}
	for _, source := range c.Sources {
		if source.Is4() == a.Is4() {
			return true
		}
	}
	return false
}

// source returns the source address for a seat and a destination; the zero value leaves the
// choice to the system.
func (c *Config) source(seat plan.Seat, to netip.Addr) netip.Addr {
	var fitting []netip.Addr
	for _, source := range c.Sources {
		if !to.IsValid() || source.Is4() == to.Is4() {
			fitting = append(fitting, source)
		}
	}
	if len(fitting) == 0 {
		return netip.Addr{}
	}
	return fitting[int(seat)%len(fitting)]
}
