package swarm

import (
	"net"
	"sync"
	"testing"
	"time"

	"imcheck/harness/transport"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// stallProxy passes TCP streams on to a server, and stops while it is
// frozen: it takes nothing and gives nothing.
type stallProxy struct {
	listener net.Listener
	server   string
	gate     sync.RWMutex // held while frozen
}

func startStallProxy(t *testing.T, server string) *stallProxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &stallProxy{listener: listener, server: server}
	t.Cleanup(func() { listener.Close() })
	go p.serve()
	return p
}

func (p *stallProxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.server)
		if err != nil {
			client.Close()
			continue
		}
		go p.pass(server, client)
		go p.pass(client, server)
	}
}

func (p *stallProxy) pass(to, from net.Conn) {
	defer to.Close()
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		p.gate.RLock()
		_, writeErr := to.Write(buffer[:n])
		p.gate.RUnlock()
		if err != nil || writeErr != nil {
			return
		}
	}
}

// freeze stops everything for a while, that long after now.
func (p *stallProxy) freeze(after, length time.Duration) {
	time.AfterFunc(after, func() {
		p.gate.Lock()
		time.AfterFunc(length, p.gate.Unlock)
	})
}

// watchLag measures how late this process gets to run. The result ends it, and returns the
// longest delay.
func watchLag(t *testing.T) (end func() time.Duration) {
	const every = 5 * time.Millisecond
	stop, longest := make(chan struct{}), make(chan time.Duration, 1)
	go func() {
		late := time.Duration(0)
		for last := time.Now(); ; {
			select {
			case <-stop:
				longest <- late
				return
			case <-time.After(every):
				now := time.Now()
				late, last = max(late, now.Sub(last)-every), now
			}
		}
	}()
	stopped := sync.OnceFunc(func() { close(stop) })
	t.Cleanup(stopped)
	return func() time.Duration {
		stopped()
		return <-longest
	}
}

// The same as in virtual time, through a real proxy: a tenth of the run is
// frozen, so that one message in a hundred waits for nine tenths of that.
func TestStallOnSockets(t *testing.T) {
	s, described := startServer(t, transport.OS{})
	defer s.Close()
	proxy := startStallProxy(t, described.Addresses[wire.TCP])
	described.Addresses[wire.TCP] = proxy.listener.Addr().String()
	c := load()
	c.Target, c.Transports, c.Clients, c.Rate = described, []wire.Transport{wire.TCP}, 25, 1000
	c.Ramp, c.Warmup, c.Duration, c.InFlight = 200*time.Millisecond, 200*time.Millisecond, 4*time.Second, 1
	const length = 400 * time.Millisecond
	proxy.freeze(c.Ramp+c.Warmup+time.Second, length)
	lag := watchLag(t)
	report, err := Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if late := lag(); late > length/10 {
		t.Skipf("this machine kept the test waiting for %v, and the proxy and the server with it: what they delayed is not known", late)
	}
	sinceDue := latencyOf(report, "c2s_ack", reports.AllTransports, reports.FromDue)
	sinceSend := latencyOf(report, "c2s_ack", reports.AllTransports, reports.FromSend)
	want := length * 9 / 10
	// What this machine made late itself is known, and granted.
	slack := want/10 + time.Duration(report.Generator.LatenessMaxUs)*time.Microsecond
	if got := time.Duration(sinceDue.P99Us) * time.Microsecond; got < want-slack || got > want+slack {
		t.Errorf("p99 since due is %v, want %v", got, want)
	}
	if got := time.Duration(sinceSend.P99Us) * time.Microsecond; got > want/2 {
		t.Errorf("p99 since the send is %v, and should not show the stall", got)
	}
	if got := ledgerOf(t, report, plan.ToServer); got.Lost != 0 || got.Pending != 0 || got.Unbalanced != 0 {
		t.Errorf("got %+v", got)
	}
}
