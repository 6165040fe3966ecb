package record_test

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/harness/transport/record"
	"imcheck/protocol/websocket"
	"imcheck/protocol/wire"
)

// echo answers each message with itself, and closes on "bye".
type echo struct{}

func (echo) Open(transport.Link) bool { return true }

func (echo) Message(l transport.Link, body []byte) {
	l.Send(body)
	if string(body) == "bye" {
		l.Close()
	}
}

func (echo) Closed(transport.Link, error) {}

// dialEcho connects to an echo server on a network of its own.
func dialEcho(t *testing.T, kind wire.Transport) transport.Conn {
	t.Helper()
	n := memory.New()
	l, err := transport.Listen(n, kind, "127.0.0.1:0", transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = l.Serve(echo{}) }()
	t.Cleanup(func() { _ = l.Close() })
	c, err := transport.Dial(t.Context(), n, kind, l.Addr().String(), transport.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Abort() })
	return c
}

// compare holds the transcript against the lines of want.
func compare(t *testing.T, transcript *record.Transcript, want ...string) {
	t.Helper()
	var got []string
	for _, e := range transcript.Lines() {
		got = append(got, e.String())
	}
	if !slices.Equal(got, want) {
		t.Errorf("transcript:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// exchange sends a message and reads its echo.
func exchange(t *testing.T, c transport.Conn, text string) {
	t.Helper()
	if err := c.Send([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Receive(); err != nil {
		t.Fatal(err)
	}
}

func TestTranscriptOfAWebSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transcript := record.New(time.Now(), record.Limits{})
		socket := dialEcho(t, wire.WS).(transport.FrameConn)
		var hooked []websocket.Opcode
		socket.OnControl(func(opcode websocket.Opcode, _ []byte) { hooked = append(hooked, opcode) })
		c := transcript.Wrap("A", socket)

		time.Sleep(1500 * time.Millisecond)
		exchange(t, c, `{"type":5}`)
		if err := c.WriteFrame(websocket.Frame{Fin: true, Opcode: 9, Masked: true, Payload: []byte("tick")}); err != nil {
			t.Fatal(err)
		}
		c.Remark("waiting")
		_ = c.SetReceiveDeadline(time.Now().Add(time.Second))
		if _, err := c.Receive(); err == nil {
			t.Fatal("there is nothing to receive")
		}
		_ = c.SetReceiveDeadline(time.Time{})
		exchange(t, c, "bye")
		for range 2 {
			if _, err := c.Receive(); err == nil {
				t.Fatal("the connection should be closed")
			}
		}
		_ = c.Close()
		compare(t, transcript,
			`     1.500 A        -> {"type":5}`,
			`     1.500 A        <- {"type":5}`,
			`     1.500 A        -> frame fin=true rsv=0 opcode=9 masked=true tick`,
			`     1.500 A        -- waiting`,
			`     1.500 A        <- pong tick`,
			`     2.500 A        -> bye`,
			`     2.500 A        <- bye`,
			`     2.500 A        <- close frame "\x03\xe8Bye"`,
			`     2.500 A        -- connection closed by the peer with close code 1000`,
			`     2.500 A        -- this end closes`)
		if !slices.Equal(hooked, []websocket.Opcode{websocket.OpPong, websocket.OpClose}) {
			t.Errorf("the hook that was set before saw %v, want the pong and the close frame", hooked)
		}
	})
}

func TestTranscriptOfRawBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transcript := record.New(time.Now(), record.Limits{})
		c := transcript.Wrap("raw", dialEcho(t, wire.TCP))
		raw := c.Raw()
		if _, err := raw.Write([]byte("\x00\x00\x00\x02ok")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(raw, make([]byte, 6)); err != nil {
			t.Fatal(err)
		}
		if err := raw.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Receive(); err == nil {
			t.Fatal("the connection should be closed")
		}
		_ = raw.Close()
		if _, err := raw.Write(nil); !errors.Is(err, net.ErrClosed) {
			t.Fatalf("writing after the close: %v", err)
		}
		lines := transcript.Lines()
		if got := lines[len(lines)-1].Text; !strings.HasPrefix(got, "write failed: ") {
			t.Errorf("last entry %q, want the failure", got)
		}
		var texts []string
		for _, e := range lines[:len(lines)-2] {
			texts = append(texts, string(e.Direction)+" "+e.Text)
		}
		want := []string{
			`-> raw "\x00\x00\x00\x02ok"`, `<- raw "\x00\x00\x00\x02ok"`,
			"-- this end sends a FIN", "-- connection closed by the peer",
			"-- this end closes the raw connection",
		}
		if !slices.Equal(texts, want) {
			t.Errorf("got %q, want %q", texts, want)
		}
	})
}

func TestWhatATransportCannotDo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := record.New(time.Now(), record.Limits{}).Wrap("U", dialEcho(t, wire.UDP))
		if err := c.WriteFrame(websocket.Frame{}); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("WriteFrame on udp: %v", err)
		}
		if err := c.Raw().(interface{ CloseWrite() error }).CloseWrite(); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("CloseWrite on udp: %v", err)
		}
	})
}

func TestLimits(t *testing.T) {
	long := strings.Repeat("é", 10)
	tests := []struct{ name, text, want string }{
		{"short", "12345678", "12345678"},
		{"cut", "123456789", "12345678… (9 bytes in all)"},
		{"cut in a character", "1" + long, "1ééé… (21 bytes in all)"},
		{"empty", "", ""},
		{"line break", "a\nb", `"a\nb"`},
		{"binary", "\xff\x00", `"\xff\x00"`},
		{"binary cut", "\xff123456789", `"\xff1234567"… (10 bytes in all)`},
		{"binary at the cut", "1234567\xff9", `"1234567\xff"… (9 bytes in all)`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			transcript := record.New(time.Now(), record.Limits{Text: 8})
			transcript.Remark("", test.text)
			if got := transcript.Lines()[0].Text; got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestLinesOverTheLimitAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transcript := record.New(time.Now(), record.Limits{Lines: 2})
		for i := range 5 {
			transcript.Remark("A", fmt.Sprint(i))
			time.Sleep(time.Second)
		}
		compare(t, transcript,
			"     0.000 A        -- 0",
			"     1.000 A        -- 1",
			"     4.000          -- 3 more entries were not kept: the transcript is limited to 2, and to 512 KiB")
	})
}

func TestLinesAreACopyInOrder(t *testing.T) {
	transcript := record.New(time.Now(), record.Limits{})
	var writers sync.WaitGroup
	for i := range 8 {
		writers.Go(func() {
			for range 50 {
				transcript.Remark(fmt.Sprint(i), "x")
			}
		})
	}
	writers.Wait()
	lines := transcript.Lines()
	if len(lines) != 400 {
		t.Errorf("%d entries, want 400", len(lines))
	}
	if !slices.IsSortedFunc(lines, func(a, b record.Entry) int { return cmp.Compare(a.At, b.At) }) {
		t.Error("the entries are not in the order of their times")
	}
	lines[0].Text = "changed"
	if transcript.Lines()[0].Text != "x" {
		t.Error("changing the copy changed the transcript")
	}
}

// Long texts fill a transcript before its lines do.
func TestBytesAreBounded(t *testing.T) {
	transcript := record.New(time.Now(), record.Limits{Bytes: 2 << 10})
	for range 10 {
		transcript.Remark("A", strings.Repeat("x", 1000))
	}
	lines := transcript.Lines()
	if len(lines) != 4 || !strings.HasPrefix(lines[3].Text, "7 more entries were not kept: the transcript is limited to 4096, and to 2 KiB") {
		t.Errorf("%d entries, the last one %+v", len(lines), lines[len(lines)-1])
	}
}
