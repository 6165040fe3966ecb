package reference_test

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/timing"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
)

// reaction describes how the server reacts to bad input on a session that has logged in.
type reaction string

const (
	stays     reaction = "the session stays"
	echoes    reaction = "it is answered as an echo, and the session stays"
	ends      reaction = "the connection is closed"
	forgotten reaction = "the user is logged out"
)

// badInput is one thing that a client should not send (§2, §3).
type badInput struct {
	name string
	send func(p *peer) error
	want reaction
	code websocket.CloseCode // code of the first close frame on WebSocket; 0 for 1000
	// silent input is the beginning of a frame: the session expires (§3).
	silent bool
}

// raw writes bytes that no encoder would.
func raw(b []byte) func(p *peer) error {
	return func(p *peer) error {
		_, err := p.Raw().Write(b)
		return err
	}
}

func message(text string) func(p *peer) error {
	return func(p *peer) error { return p.Conn.Send([]byte(text)) }
}

// echoOf is an echo whose encoding has a given size in bytes.
func echoOf(size int) string {
	empty := len(wire.NewEcho("u", "").Append(nil))
	return wire.NewEcho("u", strings.Repeat("x", size-empty)).String()
}

// length is the header of a TCP frame.
func length(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

// noise is the same random bytes each time.
func noise(size int) []byte {
	b := make([]byte, size)
	random := rand.NewChaCha8([32]byte{5})
	random.Read(b)
	return b
}

// badMessages are bad on every transport; a login that names nobody and a message
// that only lacks its fingerprint have reactions of their own.
func badMessages(want, nobody, nameless reaction) (all []badInput) {
	for _, text := range []string{
		"x", "{", "null", "[]", `[{"type":5}]`, `"text"`, "5", `{"type":"five"}`, `{"type":{}}`, `{"type":5} x`,
		`{"type":`, strings.Repeat("[", 1000), strings.Repeat(`{"a":`, 400), "\x00\x01",
	} {
		all = append(all, badInput{"message " + text[:min(len(text), 12)], message(text), want, 0, false})
	}
	return append(all,
		badInput{"login without a user", message(`{"type":0,"dataContent":"{}"}`), nobody, 0, false},
		badInput{"QoS without a fingerprint", namelessQoS, nameless, 0, false},
		badInput{"unknown type", message(`{"type":77}`), stays, 0, false},
		badInput{"a server's message", message(`{"type":54,"dataContent":"{\"code\":1}"}`), stays, 0, false},
	)
}

// namelessQoS has the from of the login, so that the fingerprint is all it lacks.
func namelessQoS(p *peer) error {
	m := wire.NewData(p.user, wire.ServerID, "")
	m.QoS = true
	return p.Conn.Send(m.Append(nil))
}

// badUDP lists bad datagrams, which leave their session alone (stays) or, at the observed
// server, end it (forgotten).
func badUDP(want reaction) []badInput {
	return append(badMessages(want, stays, forgotten), // §3: UDP ignores a login that names nobody
		badInput{"empty datagram", message(""), want, 0, false},
		badInput{"2048 bytes", message(echoOf(2048)), echoes, 0, false},
		badInput{"2049 bytes", message(echoOf(2049)), want, 0, false},
		badInput{"datagram of 65507", message(echoOf(65507)), want, 0, false},
		badInput{"1 MB of noise", func(p *peer) error {
			for rest := noise(1 << 20); len(rest) > 0; rest = rest[1024:] {
				if _, err := p.Raw().Write(rest[:1024]); err != nil {
					return err
				}
			}
			return nil
		}, want, 0, false},
	)
}

func badTCP() []badInput {
	halfFrame := wire.AppendMessageFrame(nil, wire.NewEcho("u", "x"))[:20]
	return append(badMessages(ends, ends, ends),
		badInput{"length 0", raw(length(0)), ends, 0, false},
		badInput{"body of 6144", message(echoOf(6144)), echoes, 0, false},
		badInput{"6144 bytes of noise", raw(append(length(6144), noise(6144)...)), ends, 0, false},
		badInput{"length 6145", raw(length(6145)), ends, 0, false},
		badInput{"body of 6145", message(echoOf(6145)), ends, 0, false},
		badInput{"length 2^31", raw(length(1 << 31)), ends, 0, false},
		badInput{"length 2^31-1", raw(length(1<<31 - 1)), ends, 0, false},
		badInput{"length -1", raw(length(1<<32 - 1)), ends, 0, false},
		badInput{"1 MB of noise", raw(noise(1 << 20)), ends, 0, false},
		badInput{"half a frame and silence", raw(halfFrame), ends, 0, true},
		badInput{"half a header and silence", raw([]byte{0, 0}), ends, 0, true},
	)
}

// frame writes a WebSocket frame.
func frame(f websocket.Frame) func(p *peer) error {
	return func(p *peer) error { return p.Conn.(transport.FrameConn).WriteFrame(f) }
}

// badWebSocket lists input that ends a connection. A fragment that is not a message does
// so only at the observed server, which does not check the reserved bits either.
func badWebSocket(observed bool) []badInput {
	text := websocket.Frame{Fin: true, Opcode: 1, Masked: true, Payload: []byte(echoOf(200))}
	unmasked, fragment, reserved, binaryFrame := text, text, text, text
	long := []byte(echoOf(65537))
	half := websocket.Frame{Opcode: 1, Masked: true, Payload: long[:40000]}
	rest := websocket.Frame{Fin: true, Masked: true, Payload: long[40000:]}
	unmasked.Masked, fragment.Fin, reserved.RSV, binaryFrame.Opcode = false, false, 1, 2
	fragment.Payload = fragment.Payload[:100]
	reservedBit := badInput{"reserved bit", frame(reserved), ends, 1002, false}
	disorder, tooLong := websocket.CloseProtocolError, websocket.CloseMessageTooBig
	if observed {
		reservedBit.want, disorder, tooLong = echoes, 0, 0
	}
	return append(badMessages(ends, ends, ends),
		badInput{"empty text", message(""), ends, 0, false},
		badInput{"frame of 65536", message(echoOf(65536)), echoes, 0, false},
		badInput{"frame of 65537", message(echoOf(65537)), ends, 1009, false},
		badInput{"unmasked", frame(unmasked), ends, 1002, false},
		badInput{"fragment", frame(fragment), ends, 0, !observed},
		badInput{"fragment out of order", frames(fragment, text), ends, disorder, false},
		badInput{"fragments of 65537", frames(half, rest), ends, tooLong, false},
		reservedBit,
		badInput{"binary", frame(binaryFrame), ends, 0, false},
		badInput{"continuation of nothing", frame(websocket.Frame{Fin: true, Opcode: 0, Masked: true}), ends, 1002, false},
		badInput{"reserved opcode", frame(websocket.Frame{Fin: true, Opcode: 3, Masked: true}), ends, 1002, false},
		badInput{"reserved control opcode", frame(websocket.Frame{Fin: true, Opcode: 11, Masked: true}), ends, 1002, false},
		badInput{"ping of 126", frame(websocket.Frame{Fin: true, Opcode: 9, Masked: true, Payload: make([]byte, 126)}), ends, 1002, false},
		badInput{"invalid UTF-8", message("{\"type\":5,\"dataContent\":\"\xff\"}"), ends, 0, false},
		badInput{"length 2^63", raw(append([]byte{0x81, 0xFF, 0x80}, make([]byte, 11)...)), ends, 1002, false},
		badInput{"1 MB of noise", raw(noise(1 << 20)), ends, 1002, false},
		badInput{"half a frame and silence", raw([]byte{0x81, 0xFE, 0x10}), ends, 0, true},
	)
}

// frames writes several frames; the first may have ended the connection.
func frames(several ...websocket.Frame) func(p *peer) error {
	return func(p *peer) (err error) {
		for _, f := range several {
			err = frame(f)(p)
		}
		return err
	}
}

// allBadInput is everything that is bad, by transport.
func allBadInput(observed bool) [len(wire.Transports)][]badInput {
	datagrams := stays
	if observed {
		datagrams = forgotten
	}
	return [...][]badInput{wire.UDP: badUDP(datagrams), wire.TCP: badTCP(), wire.WS: badWebSocket(observed)}
}

// onEachServer runs a test with all bad input, by transport, for a server that
// is like the observed one and for one that is not.
func onEachServer(t *testing.T, test func(t *testing.T, kind wire.Transport, observed bool, all []badInput)) {
	for _, observed := range []bool{false, true} {
		for kind, all := range allBadInput(observed) {
			kind := wire.Transport(kind)
			t.Run(fmt.Sprintf("%s/observed=%v", kind, observed), func(t *testing.T) { test(t, kind, observed, all) })
		}
	}
}

// TestBadInputInMemory and TestBadInputOverSockets send everything that is
// bad: the server reacts as documented, and a client on another connection is
// served as before.
func TestBadInputInMemory(t *testing.T) {
	onEachServer(t, func(t *testing.T, kind wire.Transport, observed bool, all []badInput) {
		synctest.Test(t, func(t *testing.T) { sendBadInput(t, memory.New(), kind, observed, all) })
	})
}

func TestBadInputOverSockets(t *testing.T) {
	t.Parallel()
	onEachServer(t, func(t *testing.T, kind wire.Transport, observed bool, all []badInput) {
		t.Parallel()
		if testing.Short() { // silence takes the 7 s of an expiry
			all = slices.DeleteFunc(all, func(b badInput) bool { return b.silent })
		}
		sendBadInput(t, transport.OS{}, kind, observed, all)
	})
}

func sendBadInput(t *testing.T, n transport.Network, kind wire.Transport, observed bool, all []badInput) {
	modes := timing.Modes{timing.Mode120S, timing.Mode120S, timing.Mode120S}
	modes[kind] = timing.Mode3S
	config := everywhere(n)
	config.Modes, config.AsObserved = modes, observed
	s := start(t, config)
	healthy := dial(t, n, s, wire.Transports[(int(kind)+1)%len(wire.Transports)], transport.Options{})
	healthy.login("healthy")
	var loud, silent []*offender
	for i, bad := range all {
		o := &offender{peer: dial(t, n, s, kind, transport.Options{}), bad: bad}
		o.login(fmt.Sprint("offender-", i))
		o.keepAlive(o.user) // answered at once, now that the user is registered
		o.lastMessage = time.Now()
		if err := bad.send(o.peer); err != nil && bad.want != ends {
			t.Fatalf("sending %s: %v", bad.name, err)
		}
		if bad.silent {
			silent = append(silent, o)
		} else {
			loud = append(loud, o)
		}
	}
	for _, group := range [][]*offender{loud, silent} { // the loud ones would expire meanwhile
		for _, o := range group {
			o.checkReaction()
			if _, virtual := n.(*memory.Network); virtual && o.bad.silent {
				// An incomplete frame does not count as activity (§3).
				if took := o.ended.Sub(o.lastMessage); took != 7*time.Second {
					t.Errorf("%s: closed %v after the last message, want 7 s", o.bad.name, took)
				}
			}
			healthy.keepAlive("healthy")
		}
		for _, o := range group {
			o.checkListed(s)
		}
	}
}

// offender is a client that has sent something bad.
type offender struct {
	*peer
	bad         badInput
	lastMessage time.Time // that counts as activity
	ended       time.Time // time at which the end was seen
}

func (o *offender) checkReaction() {
	o.Helper()
	if o.bad.want == ends {
		o.expectEnd(cmp.Or(o.bad.code, 1000))
		o.ended = time.Now()
	} else if got := o.answer(); got != o.bad.want {
		o.Errorf("%s on %s: %s; want that %s", o.bad.name, o.Transport(), got, o.bad.want)
	}
}

// checkListed expects the user to be listed as online, or not, as the reaction
// says; the list may lag (§7).
func (o *offender) checkListed(s *reference.Server) {
	o.Helper()
	there := o.bad.want == stays || o.bad.want == echoes
	listed := func() bool { return slices.Contains(s.Online(), o.user) == there }
	if !eventually(listed) {
		o.Errorf("%s on %s: the user is online: %v, want %v", o.bad.name, o.Transport(), !there, there)
	}
}

// answer returns the reaction that a keep-alive shows. It is repeated because UDP may lose
// it after too much noise.
func (o *offender) answer() reaction {
	o.Helper()
	seen := stays
	for range 20 {
		o.send(wire.NewKeepAlive(o.user))
		_ = o.SetReceiveDeadline(time.Now().Add(time.Second))
		for {
			body, err := o.Conn.Receive()
			if err != nil {
				break // the answer says so when the connection is gone
			}
			switch m, _ := wire.Decode(body); m.Type {
			case wire.TypeEchoResponse:
				seen = echoes
			case wire.TypeKeepAliveResponse:
				return seen
			case wire.TypeErrorResponse:
				return forgotten
			}
		}
	}
	o.Fatalf("%s: no answer to a keep-alive", o.bad.name)
	return ""
}
