package swarm

import (
	"testing"
	"time"

	"imcheck/loadgen/books"
	"imcheck/loadgen/engine"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
)

func BenchmarkRecord(b *testing.B) {
	r := books.NewRecorder(streams)
	b.ReportAllocs()
	for b.Loop() {
		r.Record(books.C2SAck, wire.TCP, 3*time.Millisecond, time.Millisecond)
	}
}

// nowhere is a link on which everything vanishes.
type nowhere struct{}

func (nowhere) Send([]byte) error { return nil }
func (nowhere) Close() error      { return nil }
func (nowhere) Mute()             {}

// BenchmarkMessage is all that a worker does for one message to the server:
// making it, sending it, and handling its ACK.
func BenchmarkMessage(b *testing.B) {
	c := goodConfig()
	c.Clients, c.Transports, c.Ramp, c.Warmup = 1, []wire.Transport{wire.TCP}, 0, 0
	swarm := newSwarm(c)
	connections := &fakeEngine{}
	w := swarm.workers[0]
	w.driver.engine = connections
	m := &w.roster.members[0]
	w.driver.begin(m)
	id := connections.last()
	w.take(engine.Arrival{Kind: engine.Opened, ID: id, At: w.run.Now(), Link: nowhere{}})
	w.take(engine.Arrival{Kind: engine.Received, ID: id, At: w.run.Now(), Message: wire.NewLoginResponse("u", wire.CodeOK, 1)})
	ack := wire.New(wire.TypeReceived, wire.ServerID, "u")
	b.ReportAllocs()
	for b.Loop() {
		ack.DataContent = wire.Some(string(swarm.Nonce.AppendFingerprint(nil, plan.MessageID{Client: m.index, Stream: plan.CountedC2S, To: 0, Number: w.roster.peersOf(m)[0].sent})))
		now := w.run.Now()
		w.senders[0].send(m, plan.ToServer, plan.ServerPlace, now, now, true)
		w.take(engine.Arrival{Kind: engine.Received, ID: id, At: now, Message: ack})
	}
	if got := w.books.Messages[plan.ToServer].Acknowledged.Load(); got == 0 {
		b.Fatal("no message was acknowledged")
	}
}

// BenchmarkIdleStep measures the time in which a worker with ten thousand clients finds
// the work that is due.
func BenchmarkIdleStep(b *testing.B) {
	c := goodConfig()
	c.Clients, c.Scenario, c.Ramp = 10_000, ScenarioIdle, time.Hour
	swarm := newSwarm(c)
	w := swarm.workers[0]
	w.driver.engine = &fakeEngine{}
	for i := range w.roster.members {
		w.roster.wakeups.Set(int32(i), time.Hour+time.Duration(i), true)
	}
	b.ReportAllocs()
	for b.Loop() {
		w.step()
	}
}
