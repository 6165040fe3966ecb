package client_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"imcheck/internal/clienttest"
	"imcheck/protocol/client"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// epoch is any moment: the rules know differences only.
var epoch = time.UnixMilli(1_800_000_000_123)

// bench is a client and its clock; the test plays the server.
type bench struct {
	*testing.T
	*client.Client
	kind wire.Transport
	mode timing.SenseMode
	now  time.Time
}

func newBench(t *testing.T, kind wire.Transport, mode timing.SenseMode) *bench {
	c := client.New(client.Config{User: "u", Token: "t", Transport: kind, Mode: mode})
	return &bench{T: t, Client: c, kind: kind, mode: mode, now: epoch}
}

// onTransports runs a test of a client in sense mode 3S on every transport.
func onTransports(t *testing.T, test func(b *bench)) {
	for _, kind := range wire.Transports {
		t.Run(kind.String(), func(t *testing.T) { test(newBench(t, kind, timing.Mode3S)) })
	}
}

// elapsed is the time since the start of the test.
func (b *bench) elapsed() time.Duration { return b.now.Sub(epoch) }

// advance lets time pass up to a moment after the start, ticking exactly when
// the client asks for it, and returns what happened with the time of each.
func (b *bench) advance(to time.Duration) (happened []string) {
	b.Helper()
	end := epoch.Add(to)
	for next := b.Next(); !next.IsZero() && !next.After(end); next = b.Next() {
		if next.Before(b.now) {
			b.Fatalf("after %v the next tick is for %v after the start", b.elapsed(), next.Sub(epoch))
		}
		b.now = next
		for _, effect := range clienttest.Show(b.Tick(b.now, nil)) {
			happened = append(happened, clienttest.At(b.elapsed(), effect))
		}
		if next := b.Next(); !next.IsZero() && !next.After(b.now) {
			b.Fatalf("after %v nothing was done: it is due again at once", b.elapsed())
		}
	}
	b.now = end
	return happened
}

// answering is advance with a server that answers each keep-alive after a delay.
func (b *bench) answering(to, delay time.Duration) {
	b.Helper()
	for _, effect := range b.advance(min(to, b.untilNext())) {
		if strings.HasSuffix(effect, clienttest.Sends(wire.NewKeepAlive("u"))) {
			b.advance(b.elapsed() + delay)
			b.receive(wire.NewKeepAliveResponse("u"))
		}
	}
	if b.elapsed() < to {
		b.answering(to, delay)
	}
}

func (b *bench) untilNext() time.Duration { return b.Next().Sub(epoch) }

// receive hands in a message from the server.
func (b *bench) receive(m wire.Message) []string { return clienttest.Show(b.Receive(b.now, m, nil)) }

// comeOnline logs in, at once.
func (b *bench) comeOnline() {
	b.Helper()
	b.Start(nil)
	b.Connected(b.now, nil)
	b.receive(clienttest.Welcome(clienttest.Given))
	if !b.Online() {
		b.Fatal("the client is not online")
	}
}

func (b *bench) expect(what string, got []string, want ...string) {
	b.Helper()
	if !slices.Equal(got, want) {
		b.Errorf("%s:\n  %s\nwant\n  %s", what, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}
