package control_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
	"imcheck/reference-server/control"
)

// stream is an open GET /v1/events.
type stream struct {
	*bench
	body  io.ReadCloser
	lines *bufio.Scanner
}

func (b *bench) follow(query string) *stream {
	b.Helper()
	response, err := b.http.Get("http://" + b.address + "/v1/events" + query)
	if err != nil {
		b.Fatal(err)
	}
	if got := response.Header.Get("Content-Type"); response.StatusCode != http.StatusOK || got != "application/x-ndjson" {
		b.Fatalf("status %d, content type %q", response.StatusCode, got)
	}
	return &stream{b, response.Body, bufio.NewScanner(response.Body)}
}

// next reads one line.
func (s *stream) next() (text string, e target.Event) {
	s.Helper()
	if !s.lines.Scan() {
		s.Fatalf("the stream ended: %v", s.lines.Err())
	}
	if err := json.Unmarshal(s.lines.Bytes(), &e); err != nil {
		s.Fatalf("line %q: %v", s.lines.Text(), err)
	}
	return s.lines.Text(), e
}

// add notes numbered events.
func (b *bench) add(count int) {
	for range count {
		b.log.Add(time.Now(), server.Event{Kind: server.EventLogin, User: "u"})
	}
}

// Each event has the fields of docs/contracts.md that apply to it, and no others.
func TestEventForms(t *testing.T) {
	m := wire.NewQoSData("u", "v", "<x>", "f-1")
	const message = `{"bridge":false,"type":2,"dataContent":"\u003cx\u003e","from":"u","to":"v","fp":"f-1","QoS":true,"typeu":-1,"sm":-1}`
	tests := []struct {
		event server.Event
		want  string // after seq and at
	}{
		{server.Event{Kind: server.EventVerify, User: "u"}, `"event":"verify","user":"u","code":0}`},
		{server.Event{Kind: server.EventVerify, User: "u", Code: 1025}, `"event":"verify","user":"u","code":1025}`},
		{server.Event{Kind: server.EventLogin, User: "u"}, `"event":"login","user":"u"}`},
		{server.Event{Kind: server.EventLogout, User: "u", Code: server.NoKick}, `"event":"logout","user":"u","code":-1}`},
		{server.Event{Kind: server.EventLogout, User: "u", Code: 2}, `"event":"logout","user":"u","code":2}`},
		{server.Event{Kind: server.EventC2S, User: "u", Fingerprint: m.Fingerprint, Message: &m}, `"event":"c2s","user":"u","fp":"f-1","message":` + message + `}`},
		{server.Event{Kind: server.EventC2C, User: "v", Fingerprint: m.Fingerprint, Message: &m}, `"event":"c2c","user":"v","fp":"f-1","message":` + message + `}`},
		{server.Event{Kind: server.EventOffline, User: "v", Code: server.Stored, Fingerprint: m.Fingerprint, Message: &m}, `"event":"offline","user":"v","code":1,"fp":"f-1","message":` + message + `}`},
		{server.Event{Kind: server.EventOffline, User: "v", Code: server.NotStored}, `"event":"offline","user":"v","code":0}`},
		{server.Event{Kind: server.EventLost, User: "v", Fingerprint: m.Fingerprint, Message: &m}, `"event":"lost","user":"v","fp":"f-1","message":` + message + `}`},
		{server.Event{Kind: server.EventReceived, User: "v", Fingerprint: wire.Some("f-1")}, `"event":"received","user":"v","fp":"f-1"}`},
	}
	inBubble(t, func(b *bench) {
		s := b.follow("?since=0")
		defer s.body.Close()
		for i, test := range tests {
			time.Sleep(time.Millisecond)
			b.log.Add(time.Now(), test.event)
			want := fmt.Sprintf(`{"seq":%d,"at":%d,%s`, i+1, time.Now().UnixNano(), test.want)
			if got, _ := s.next(); got != want {
				b.Errorf("line  %s\nwant %s", got, want)
			}
		}
	})
}

func TestSince(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.add(600) // more than are written at once
		for query, first := range map[string]uint64{"": 1, "?since=": 1, "?since=0": 1, "?since=1": 2, "?since=599": 600, "?since=600": 601} {
			s := b.follow(query)
			if first > 600 {
				b.add(1)
			}
			for want := first; want <= 600; want++ {
				if _, e := s.next(); e.Seq != want {
					b.Fatalf("%s: seq %d, want %d", query, e.Seq, want)
				}
			}
			s.body.Close()
		}
		// From the future: nothing is given out before it is there.
		s := b.follow("?since=650")
		b.add(60)
		if _, e := s.next(); e.Seq != 651 {
			b.Errorf("since=650: seq %d, want 651", e.Seq)
		}
		s.body.Close()
	})
}

// When events are gone the rest comes, and the gap shows in seq.
func TestOverflow(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.add(control.MaxEvents + 10)
		s := b.follow("?since=5")
		for want := uint64(11); want <= control.MaxEvents+10; want++ {
			if _, e := s.next(); e.Seq != want {
				b.Fatalf("seq %d, want %d", e.Seq, want)
			}
		}
		s.body.Close()
	})
}

// A stream stays open however long nothing happens, also beyond the read
// timeout of the real server.
func TestQuietStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, s := startServer(t)
		c := target.NewControl(n, s.ControlAddress())
		defer c.Close()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		events, err := c.Follow(ctx)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(24 * time.Hour)
		conn, err := transport.Dial(ctx, n, wire.UDP, s.Address(wire.UDP), transport.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.Send(wire.NewLogin(wire.LoginInfo{UserID: wire.Some("u")}).Append(nil)); err != nil {
			t.Fatal(err)
		}
		if _, err := events.Wait(ctx, func(e target.Event) bool { return e.Event == controlapi.EventLogin && e.User == "u" }); err != nil {
			t.Errorf("a day later: %v", err)
		}
	})
}

// Adding never waits for a reader, be it gone or asleep; both are forgotten.
func TestReaders(t *testing.T) {
	inBubble(t, func(b *bench) {
		asleep, gone := b.follow(""), b.follow("")
		gone.body.Close()
		b.add(20_000) // more than a connection holds unread
		synctest.Wait()
		for want := uint64(1); want <= 20_000; want++ { // it wakes up, and has missed nothing
			if _, e := asleep.next(); e.Seq != want {
				b.Fatalf("seq %d, want %d", e.Seq, want)
			}
		}
		asleep.body.Close()
	})
}

// The end of the server ends the streams, as an end that the reader can tell.
func TestEndOfStreams(t *testing.T) {
	inBubble(t, func(b *bench) {
		s := b.follow("")
		b.add(1)
		s.next()
		close(b.done)
		if s.lines.Scan() || s.lines.Err() != nil {
			b.Errorf("after the end: %q, %v", s.lines.Text(), s.lines.Err())
		}
	})
}

// TestServerClose closes a whole server while it is asked everything.
func TestServerClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, s := startServer(t)
		c := target.NewControl(n, s.ControlAddress())
		defer c.Close()
		events, err := c.Follow(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		s.Close()
		if _, err := events.Wait(t.Context(), func(target.Event) bool { return true }); err == nil {
			t.Error("the stream has not ended")
		}
		if _, err := c.Info(t.Context()); err == nil {
			t.Error("the API still answers")
		}
	})
}
