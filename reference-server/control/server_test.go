package control_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
	"imcheck/reference-server/control"
)

// dial opens a connection to the API; it is dropped with the test.
func (b *bench) dial() net.Conn {
	b.Helper()
	conn, err := b.network.DialStream(b.Context(), b.address)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	return conn
}

// flood adds events that are far more than a connection takes unread.
func (b *bench) flood() {
	m := wire.NewData("u", "v", strings.Repeat("x", 60_000))
	for range 100 {
		b.log.Add(time.Now(), server.Event{Kind: server.EventC2C, User: "v", Message: &m})
	}
}

// statusOfStream opens one more stream of events, and closes it.
func (b *bench) statusOfStream() int {
	b.Helper()
	response, err := b.http.Get("http://" + b.address + "/v1/events?since=1000000")
	if err != nil {
		b.Fatal(err)
	}
	_ = response.Body.Close()
	synctest.Wait() // the server notices
	return response.StatusCode
}

// There are so many streams of events and no more; one that is closed makes room.
func TestNumberOfStreams(t *testing.T) {
	inBubble(t, func(b *bench) {
		var open []*stream
		for range control.MaxStreams {
			open = append(open, b.follow(""))
		}
		for range 2 {
			status, contentType, answer := b.call("GET", "/v1/events", "")
			if status != http.StatusServiceUnavailable || contentType != "application/json" || !strings.HasPrefix(answer, `{"error":"64 streams of events are open`) {
				b.Fatalf("one more stream: %d %s %s", status, contentType, answer)
			}
		}
		_ = open[7].body.Close()
		synctest.Wait()
		for range 2 {
			if status := b.statusOfStream(); status != http.StatusOK {
				b.Errorf("after one was closed: %d", status)
			}
		}
		for _, s := range open {
			_ = s.body.Close()
		}
	})
}

// A stream that is not read is dropped when nothing more can be written to it for
// as long as the timeout, and makes room. One that is read goes on.
func TestUnreadStreams(t *testing.T) {
	inBubble(t, func(b *bench) {
		unread := make([]*stream, control.MaxStreams-1)
		for i := range unread {
			unread[i] = b.follow("")
		}
		read := b.follow("")
		time.Sleep(time.Hour) // it is quiet: nothing is wrong with that
		b.flood()
		for range 100 {
			read.next()
		}
		time.Sleep(control.WriteTimeout - time.Nanosecond)
		synctest.Wait()
		if status := b.statusOfStream(); status != http.StatusServiceUnavailable {
			b.Errorf("a moment before the timeout: %d", status)
		}
		time.Sleep(time.Nanosecond)
		synctest.Wait()
		if status := b.statusOfStream(); status != http.StatusOK {
			b.Errorf("after the timeout: %d", status)
		}
		for _, s := range unread {
			if _, err := io.Copy(io.Discard, s.body); err == nil {
				b.Fatal("an unread stream ends as if it was whole")
			}
		}
		b.add(1)
		if _, e := read.next(); e.Seq != 101 {
			b.Errorf("the stream that is read goes on with event %d", e.Seq)
		}
		_ = read.body.Close()
	})
}

// Requests that never end, and connections that are not used, are dropped.
func TestSlowRequests(t *testing.T) {
	const whole = "GET /v1/info HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
	const head = "POST /v1/kick HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n"
	tests := []struct {
		name, sent string
		after      time.Duration
	}{
		{"nothing", "", control.RequestTimeout},
		{"half a head", "GET /v1/info HT", control.RequestTimeout},
		{"half a body", head + `{"user`, control.RequestTimeout},
		{"one request", whole, control.IdleTimeout},
	}
	for _, test := range tests {
		inBubble(t, func(b *bench) {
			start, conn := time.Now(), b.dial()
			if _, err := io.WriteString(conn, test.sent); err != nil {
				b.Fatal(err)
			}
			_, err := io.Copy(io.Discard, conn)
			if took := time.Since(start); err != nil || took != test.after {
				b.Errorf("%s: ends after %v with %v, want %v and a FIN", test.name, took, err, test.after)
			}
			if len(b.fake.kicked) != 0 {
				b.Errorf("%s: it was acted on", test.name)
			}
		})
	}
}

// A head without end is refused.
func TestLargeHeads(t *testing.T) {
	inBubble(t, func(b *bench) {
		conn := b.dial()
		go func() {
			line := "X: " + strings.Repeat("x", 1000) + "\r\n"
			_, err := io.WriteString(conn, "GET /v1/info HTTP/1.1\r\n")
			for err == nil {
				_, err = io.WriteString(conn, line)
			}
		}()
		answer, _ := io.ReadAll(conn)
		if !strings.HasPrefix(string(answer), "HTTP/1.1 431 ") {
			b.Errorf("answered %.40q", answer)
		}
	})
}

// Beyond the number of connections a further one waits, and is served when there
// is a place.
func TestNumberOfConnections(t *testing.T) {
	inBubble(t, func(b *bench) {
		for range control.MaxConnections {
			b.dial()
		}
		synctest.Wait()
		start := time.Now()
		if status, _, _ := b.call("GET", "/v1/info", ""); status != http.StatusOK || time.Since(start) != control.RequestTimeout {
			b.Errorf("%d after %v, want 200 when the others have timed out", status, time.Since(start))
		}
		for range control.MaxConnections + 1 {
			b.dial()
		}
		synctest.Wait() // the end of the bubble shows that a full server can be closed
	})
}
