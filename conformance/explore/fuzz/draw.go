package fuzz

import (
	"bytes"
	"fmt"
	"math/rand/v2"

	"imcheck/protocol/wire"
)

// Bounds of one input, in bytes.
const (
	maxWrite    = 128 << 10
	maxDatagram = 65_507 // what fits into a datagram over IPv4
)

// Draw draws an input; the same seed and number draw the same one. It has mutations of
// JSON, framing and bytes, at least one of them, unless nothing at all is sent.
func Draw(seed, number uint64, transports []wire.Transport) Input {
	d := &drawer{Rand: rand.New(rand.NewPCG(seed, number))}
	d.in.On = transports[number%uint64(len(transports))]
	d.in.End = pick(d.Rand, ends[:])
	if d.in.On == wire.UDP {
		d.in.End = Close // a session that is left costs the server memory until it expires
		if chance(d.Rand, 50) {
			d.in.End = Reset
		}
		d.datagrams()
	} else {
		d.stream()
	}
	return d.in
}

// silent is the kind of an input that opens a connection and sends no message.
const silent = "no message"

type drawer struct {
	*rand.Rand
	in Input
}

// note counts a mutation for the coverage.
func (d *drawer) note(kind, name string) {
	d.in.Kinds = append(d.in.Kinds, fmt.Sprintf("%s: %s on %s", kind, name, d.in.On))
}

// datagrams draws the messages of a UDP address, the first of them mostly a login.
func (d *drawer) datagrams() {
	for i := range 1 + d.IntN(4) {
		body := d.body(i == 0)
		if chance(d.Rand, 2) || len(d.in.Kinds) == 0 {
			body = d.bytes(body)
		}
		d.in.Writes = append(d.in.Writes, body[:min(len(body), maxDatagram)])
	}
}

// stream draws the bytes of a TCP or WebSocket connection, and how they are cut.
func (d *drawer) stream() {
	var start, frames []byte
	if d.in.On == wire.WS {
		start = d.handshake()
	}
	if chance(d.Rand, 20) {
		d.note("connection", silent)
	} else {
		for i := range 1 + d.IntN(4) {
			frames = append(frames, d.frame(d.body(i == 0))...)
		}
		if chance(d.Rand, 2) || len(d.in.Kinds) == 0 {
			frames = d.bytes(frames)
		}
	}
	if len(start) > 0 && !d.in.Handshake {
		frames, start = append(start, frames...), nil
	}
	if len(start) > 0 {
		d.in.Writes = []Chunk{start}
	}
	d.in.Writes = append(d.in.Writes, d.cut(frames[:min(len(frames), maxWrite)])...)
}

// handshake draws the request for a WebSocket: mostly a right one.
func (d *drawer) handshake() []byte {
	request := upgradeRequest(d.Rand)
	switch d.IntN(8) {
	case 0, 1:
		h := pick(d.Rand, handshakes)
		d.note("handshake", h.name)
		return h.frame(d.Rand, request)
	case 2:
		return d.bytes(request)
	}
	d.in.Handshake = !chance(d.Rand, 8) // else what follows is sent with it
	return request
}

// body draws a message, most often one whose JSON is spoilt.
func (d *drawer) body(first bool) []byte {
	m := pick(d.Rand, messages)(d.Rand)
	if first && !chance(d.Rand, 4) {
		m = login(d.Rand)
		if chance(d.Rand, 2) {
			return m.Append(nil) // what follows comes from a user who is logged in
		}
	}
	switch d.IntN(6) {
	case 0, 1, 2:
		change := pick(d.Rand, memberMutations)
		d.note("json", change.name)
		return clipped(change.mutate(d.Rand, objectOf(m)).text())
	case 3:
		change := pick(d.Rand, textMutations)
		d.note("json", change.name)
		return clipped(change.mutate(d.Rand, m.Append(nil)))
	}
	return m.Append(nil)
}

// frame frames a message for a stream, once in a while in a way that is none.
func (d *drawer) frame(body []byte) []byte {
	if chance(d.Rand, 3) {
		f := pick(d.Rand, framings(d.in.On))
		d.note("frame", f.name)
		return clipped(f.frame(d.Rand, body))
	}
	if d.in.On == wire.TCP {
		return wire.AppendFrame(nil, body)
	}
	return masked(d.Rand, textHeader, body)
}

func framings(on wire.Transport) []framing {
	switch on {
	case wire.TCP:
		return tcpFramings
	case wire.WS:
		return webSocketFramings
	}
	return nil
}

// bytes draws changes of bytes, whatever they mean.
func (d *drawer) bytes(b []byte) []byte {
	for range 1 + d.IntN(3) {
		if len(b) == 0 {
			b = []byte{0}
		}
		change := pick(d.Rand, byteMutations)
		d.note("bytes", change.name)
		b = clipped(change.mutate(d.Rand, bytes.Clone(b), login(d.Rand).Append(nil)))
	}
	return b
}

func clipped(b []byte) []byte { return b[:min(len(b), maxWrite)] }

// cut splits bytes over writes.
func (d *drawer) cut(b []byte) (writes []Chunk) {
	pieces := 1
	switch d.IntN(6) {
	case 0:
		pieces = min(16, len(b)) // byte by byte at the front
		for range pieces - 1 {
			writes, b = append(writes, b[:1]), b[1:]
		}
		pieces = 1
	case 1, 2:
		pieces = 2 + d.IntN(5)
	}
	for ; pieces > 1 && len(b) > 1; pieces-- {
		at := 1 + d.IntN(len(b)-1)
		writes, b = append(writes, b[:at]), b[at:]
	}
	if len(b) > 0 {
		writes = append(writes, b)
	}
	return writes
}

// Kinds lists every kind of mutation that there is on some transports.
func Kinds(transports []wire.Transport) (all []string) {
	for _, on := range transports {
		d := &drawer{in: Input{On: on}}
		for _, m := range memberMutations {
			d.note("json", m.name)
		}
		for _, m := range textMutations {
			d.note("json", m.name)
		}
		for _, m := range byteMutations {
			d.note("bytes", m.name)
		}
		if on.Connected() {
			d.note("connection", silent)
		}
		for _, f := range framings(on) {
			d.note("frame", f.name)
		}
		if on == wire.WS {
			for _, h := range handshakes {
				d.note("handshake", h.name)
			}
		}
		all = append(all, d.in.Kinds...)
	}
	return all
}
