package reference_test

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/fixtures"
	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/timing"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
)

// connectionGap is the time between the connections of a captured scenario, as the first
// login times of its users show.
const connectionGap = 53 * time.Millisecond

// clockDoubt is the uncertainty of times on different connections: events that are closer
// may have happened in another order than the captured one.
const clockDoubt = 20 * time.Millisecond

// sweepPhase is the time from the start of the server to the first connection. In the
// captured slow scenarios a sweep came 3.6 s after the connection, and so does the first
// sweep here.
const sweepPhase = 1400 * time.Millisecond

// TestReplayInMemory and TestReplayOverSockets send what the captured scenarios
// sent, at the captured times, and want back what came back there: the same
// messages in the same order on each connection, clocks aside.
func TestReplayInMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { replayAll(t, memory.New()) })
}

func TestReplayOverSockets(t *testing.T) {
	if testing.Short() {
		t.Skip("takes the 14 s that the slowest captured scenario took")
	}
	t.Parallel()
	replayAll(t, transport.OS{})
}

func replayAll(t *testing.T, network transport.Network) {
	transcripts, err := fixtures.Transcripts()
	if err != nil {
		t.Fatal(err)
	}
	if len(transcripts) != 120 {
		t.Fatalf("%d scenarios instead of 120", len(transcripts))
	}
	s := startObserved(t, network, timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S})
	begin := time.Now().Add(sweepPhase)
	var running sync.WaitGroup
	for _, transcript := range transcripts {
		running.Go(func() {
			r := replay{t: t, server: s, network: network, transcript: transcript, begin: begin, clocks: map[int64]int64{}}
			r.run()
		})
	}
	running.Wait()
}

// replay is one scenario that is played again.
type replay struct {
	t          *testing.T
	server     *reference.Server
	network    transport.Network
	transcript fixtures.Transcript
	begin      time.Time
	peers      []*replayPeer
	mu         sync.Mutex
	clocks     map[int64]int64 // captured first login times, and what this server gave instead
}

// replayPeer is one connection of a scenario.
type replayPeer struct {
	conn  transport.Conn
	mu    sync.Mutex
	got   []string
	ended chan struct{} // closed when the connection has ended
	noted chan struct{} // has an element when got has grown
	probe chan struct{} // closed when the last probe is answered
}

// step is one thing to do on a connection at a captured time.
type step struct {
	at         time.Duration
	connection int
	before     int // number of earlier events on its own connection
	do         func() error
}

const lastProbe = "the end of the scenario"

func (r *replay) run() {
	name := r.transcript.Scenario + "/" + r.transcript.Transport
	r.peers = make([]*replayPeer, len(r.transcript.Connections))
	for _, s := range r.steps() {
		r.waitUntil(s.at)
		r.awaitBefore(s)
		if err := s.do(); err != nil {
			r.t.Errorf("%s: at %v: %v", name, s.at, err)
			return
		}
	}
	for _, i := range r.lastSenderFirst() {
		p, want := r.peers[i], r.expected(r.transcript.Connections[i])
		r.finish(p, want)
		if got := p.received(); !slices.Equal(got, want) {
			r.t.Errorf("%s: connection %d received\n  %s\nwant\n  %s", name, i, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
		}
		p.conn.Close()
	}
}

// lastSenderFirst orders the connections so that what was sent at last has been
// handled, and is on its way to its receiver, before that one is finished.
func (r *replay) lastSenderFirst() []int {
	lastSent := make([]float64, len(r.peers))
	order := make([]int, len(r.peers))
	for i, events := range r.transcript.Connections {
		order[i] = i
		for _, e := range events {
			if e.Direction == fixtures.Sent {
				lastSent[i] = connectionGap.Seconds()*float64(i) + e.At
			}
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(lastSent[b], lastSent[a]) })
	return order
}

func (r *replay) waitUntil(at time.Duration) {
	timer := time.NewTimer(time.Until(r.begin.Add(at)))
	defer timer.Stop()
	<-timer.C
}

// awaitBefore waits for what had come before a step: on a busy machine an answer
// may be later than it was there, and what is sent next relies on it. The order on
// one connection is captured exactly; that between two is known by time only.
func (r *replay) awaitBefore(s step) {
	tooLong := time.NewTimer(patience)
	defer tooLong.Stop()
	for i, p := range r.peers {
		if p == nil {
			continue
		}
		earlier := r.transcript.Connections[i]
		if i == s.connection {
			earlier = earlier[:s.before]
		} else {
			earlier = slices.DeleteFunc(slices.Clone(earlier), func(e fixtures.Event) bool {
				return time.Duration(i)*connectionGap+time.Duration(e.At*float64(time.Second)) > s.at-clockDoubt
			})
		}
		if !p.await(len(r.expected(earlier)), tooLong.C) {
			return
		}
	}
}

// await waits until a connection has received as much as is wanted, or has ended.
// It returns false when that took too long: what is missing shows in the end.
func (p *replayPeer) await(want int, tooLong <-chan time.Time) bool {
	for len(p.received()) < want {
		select {
		case <-p.noted:
		case <-p.ended:
			return true
		case <-tooLong:
			return false
		}
	}
	return true
}

// transportOf is the transport of one connection: the scenario that crosses
// transports goes from UDP over TCP to WebSocket.
func (r *replay) transportOf(connection int) wire.Transport {
	if r.transcript.Scenario == "x_udp_to_tcp_c2c" {
		return wire.Transports[connection]
	}
	t, err := wire.ParseTransport(r.transcript.Transport)
	if err != nil {
		r.t.Fatal(err)
	}
	return t
}

func (r *replay) connect(i int) error {
	kind := r.transportOf(i)
	conn, err := transport.Dial(context.Background(), r.network, kind, r.server.Address(kind), transport.Options{})
	if err != nil {
		return err
	}
	p := &replayPeer{conn: conn, ended: make(chan struct{}), noted: make(chan struct{}, 1), probe: make(chan struct{})}
	if ws, ok := conn.(transport.FrameConn); ok {
		ws.OnControl(func(opcode websocket.Opcode, _ []byte) {
			switch opcode {
			case 0x8:
				p.note(fixtures.MarkClose)
			case 0xA:
				p.note(fixtures.MarkPong)
			}
		})
	}
	r.peers[i] = p
	go r.read(p, r.transcript.Connections[i])
	return nil
}

func (p *replayPeer) note(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got = append(p.got, text)
	select {
	case p.noted <- struct{}{}:
	default: // it is known already that there is something new
	}
}

func (p *replayPeer) received() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.got)
}

// read notes what arrives, until the answer to the last probe or the end of
// the connection.
func (r *replay) read(p *replayPeer, captured []fixtures.Event) {
	defer close(p.ended)
	for {
		body, err := p.conn.Receive()
		if closed, ok := errors.AsType[*transport.CloseError](err); ok && closed.Reason == transport.ByPeer {
			p.note(fixtures.MarkClosed)
		}
		if err != nil {
			return
		}
		if strings.Contains(string(body), lastProbe) {
			close(p.probe)
			return
		}
		r.learnClock(string(body), captured, len(p.received()))
		p.note(withoutClock(string(body)))
	}
}

var firstLoginTime = regexp.MustCompile(`\\"firstLoginTime\\":(\d{12,13})`)

// withoutClock blanks the first login times, which are clocks.
func withoutClock(text string) string {
	return firstLoginTime.ReplaceAllString(text, `\"firstLoginTime\":CLOCK`)
}

func clockIn(text string) int64 {
	if match := firstLoginTime.FindStringSubmatch(text); match != nil {
		n, _ := strconv.ParseInt(match[1], 10, 64)
		return n
	}
	return 0
}

// learnClock pairs the first login time that this server gave with the
// captured one, so that a later login can claim a time that relates to it.
func (r *replay) learnClock(text string, captured []fixtures.Event, index int) {
	received := slices.DeleteFunc(slices.Clone(captured), func(e fixtures.Event) bool { return e.Direction != fixtures.Received })
	if index >= len(received) {
		return
	}
	if there, here := clockIn(received[index].Text), clockIn(text); there != 0 && here != 0 {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.clocks[there] = here
	}
}

// inOurTime rewrites a first login time that a captured login claimed.
func (r *replay) inOurTime(text string) string {
	claimed := clockIn(text)
	if claimed == 0 {
		return text
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for there, here := range r.clocks {
		return strings.Replace(text, strconv.FormatInt(claimed, 10), strconv.FormatInt(claimed-there+here, 10), 1)
	}
	return text
}

// expected lists what a connection has to receive. The capture has the end of a
// connection once more for each attempt to write to it.
func (r *replay) expected(events []fixtures.Event) (want []string) {
	for _, e := range events {
		if e.Direction == fixtures.Received {
			want = append(want, withoutClock(e.Text))
		}
	}
	return slices.CompactFunc(want, func(a, b string) bool { return a == b && a == fixtures.MarkClosed })
}

// steps lists what the scenario does, in the order of time.
func (r *replay) steps() (steps []step) {
	for i, events := range r.transcript.Connections {
		offset := time.Duration(i) * connectionGap
		steps = append(steps, step{offset, i, 0, func() error { return r.connect(i) }})
		pushed := false
		if last := len(events) - 1; strings.HasPrefix(r.transcript.Scenario, "slow_") && last >= 0 && events[last].Direction == fixtures.Sent {
			events = events[:last] // the capture stopped before the answer to its last keep-alive
		}
		for n, e := range events {
			at := offset + time.Duration(e.At*float64(time.Second))
			switch {
			case e.Direction == fixtures.Sent:
				steps = append(steps, step{at, i, n, func() error { return r.send(i, e.Text) }})
			case isPush(e.Text) && !pushed:
				pushed = true // the second one is the server's own retransmission
				steps = append(steps, step{at, i, n, func() error { return r.push(e.Text) }})
			}
		}
		steps = append(steps, r.uncaptured(i)...)
	}
	slices.SortStableFunc(steps, func(a, b step) int { return cmp.Compare(a.at, b.at) })
	return steps
}

// isPush reports whether the server's application sent a message: the capture
// drove the application without noting it.
func isPush(text string) bool {
	m, err := wire.Decode([]byte(text))
	return err == nil && m.Type == wire.TypeData && m.From.Is(wire.ServerID)
}

func (r *replay) push(text string) error {
	m, err := wire.Decode([]byte(text))
	if err == nil && !eventually(func() bool { return r.server.Push(m) }) {
		err = errors.New("the user is not online")
	}
	return err
}

// awaitReceiver waits until the receiver of a message that was delivered is
// online: a registration may come after the login response (§7).
func (r *replay) awaitReceiver(text string) error {
	m, err := wire.Decode([]byte(text))
	if err != nil || m.Type != wire.TypeData || !r.delivered(m) {
		return nil
	}
	if !eventually(func() bool { return slices.Contains(r.server.Online(), m.To.Value()) }) {
		return fmt.Errorf("%s is not online", m.To.Value())
	}
	return nil
}

// delivered reports whether the capture shows a message as received too.
func (r *replay) delivered(m wire.Message) bool {
	for _, events := range r.transcript.Connections {
		for _, e := range events {
			got, err := wire.Decode([]byte(e.Text))
			if err == nil && e.Direction == fixtures.Received && got.Type == m.Type && got.From == m.From && got.To == m.To && got.DataContent == m.DataContent {
				return true
			}
		}
	}
	return false
}

// send sends a captured text. On a connection that the scenario had closed by
// then it fails, as in the capture.
func (r *replay) send(connection int, text string) error {
	if err := r.awaitReceiver(text); err != nil {
		return err
	}
	conn := r.peers[connection].conn
	if r.transcript.Scenario == "ws_binary" {
		return conn.(transport.FrameConn).WriteFrame(websocket.Frame{Fin: true, Opcode: 2, Masked: true, Payload: []byte(text)})
	}
	_ = conn.Send([]byte(r.inOurTime(text)))
	return nil
}

// uncaptured lists what the scenarios did below the level of messages, which the capture
// does not show.
func (r *replay) uncaptured(connection int) (steps []step) {
	raw := func(at time.Duration, b []byte) {
		steps = append(steps, step{at, connection, 0, func() error {
			_, err := r.peers[connection].conn.Raw().Write(b)
			return err
		}})
	}
	frame := func(at time.Duration, f websocket.Frame) {
		steps = append(steps, step{at, connection, 0, func() error {
			return r.peers[connection].conn.(transport.FrameConn).WriteFrame(f)
		}})
	}
	echo := func(content string) []byte {
		return wire.AppendMessageFrame(nil, wire.NewEcho(wire.ServerID, content))
	}
	switch r.transcript.Scenario {
	case "tcp_glued":
		raw(time.Millisecond, append(echo("g1"), echo("g2")...))
	case "tcp_split":
		for i, b := range echo("split") {
			raw(time.Duration(i)*time.Millisecond, []byte{b})
		}
	case "tcp_neg_len":
		raw(time.Millisecond, binary.BigEndian.AppendUint32(nil, 0xFFFFFFFF))
	case "ws_ping":
		frame(time.Millisecond, websocket.Frame{Fin: true, Opcode: 9, Masked: true, Payload: []byte("ping")})
	case "ws_close":
		frame(57*time.Millisecond, websocket.Frame{Fin: true, Opcode: 8, Masked: true, Payload: []byte{0x03, 0xE8}})
	}
	return steps
}

// finish waits until everything that was to come has come: the end of the
// connection where the scenario saw it, else as many messages, and then the
// answer to a last echo, before which whatever is too much comes. The echo alone
// would not do: the ACK of a C → C message may come after its answer (§7).
func (r *replay) finish(p *replayPeer, want []string) {
	tooLong := time.NewTimer(patience)
	defer tooLong.Stop()
	if !p.await(len(want), tooLong.C) {
		return
	}
	if !slices.Contains(want, fixtures.MarkClosed) {
		_ = p.conn.Send(wire.NewEcho("u", lastProbe).Append(nil)) // what arrived says whether it went
	}
	select {
	case <-p.probe:
	case <-p.ended:
	case <-tooLong.C:
	}
}
