package faults_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gobwas/ws"

	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/wire"
	"imcheck/reference-server/behaviour"
	"imcheck/reference-server/faults"
	"imcheck/reference-server/internal/streamtest"
)

// behaviourWith is the behaviour of a server with faults.
func behaviourWith(faulty ...faults.Fault) *behaviour.Config {
	var b behaviour.Config
	for _, f := range faulty {
		f.Apply(&b)
	}
	return &b
}

// taps are the faults that work on the streams of a transport.
func taps(kind wire.Transport) (all []faults.Fault) {
	for _, f := range faults.All() {
		if behaviourWith(f).WrapsStreams(kind) {
			all = append(all, f)
		}
	}
	return all
}

// connect makes a stream and gives both ends; the server's has faults in it.
func connect(t *testing.T, network transport.Network, kind wire.Transport, faulty ...faults.Fault) (client, tapped net.Conn) {
	t.Helper()
	return streamtest.Connect(t, network, func(c net.Conn) net.Conn { return behaviourWith(faulty...).Stream(c, kind) })
}

func find(t *testing.T, names ...string) []faults.Fault {
	t.Helper()
	found, err := faults.Find(names)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// through writes chunks at one end, with a pause after each, and returns what
// comes out at the other up to its end. It is called in a bubble.
func through(t *testing.T, from, to net.Conn, pause time.Duration, chunks [][]byte) []byte {
	t.Helper()
	var got []byte
	done := make(chan struct{})
	go func() {
		defer close(done)
		got, _ = io.ReadAll(to)
	}()
	for _, chunk := range chunks {
		if _, err := from.Write(chunk); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // it is read before the next one comes
		time.Sleep(pause)
	}
	if err := from.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	<-done
	return got
}

func chunksOf(b []byte, size int) [][]byte { return slices.Collect(slices.Chunk(b, size)) }

const (
	requestHead  = "GET /websocket HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\r\n"
	responseHead = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
)

// compiled are frames as bytes.
func compiled(frames ...ws.Frame) (b []byte) {
	for _, f := range frames {
		b = append(b, ws.MustCompileFrame(f)...)
	}
	return b
}

// plain is a conversation in which there is nothing that a fault changes: what
// the client and what the server sends, with texts of some lengths.
func plain(kind wire.Transport, sizes ...int) (fromClient, fromServer []byte) {
	if kind == wire.WS {
		fromClient, fromServer = []byte(requestHead), []byte(responseHead)
	}
	for _, size := range sizes {
		body := []byte(strings.Repeat("x", size))
		if kind == wire.TCP {
			fromClient, fromServer = wire.AppendFrame(fromClient, body), wire.AppendFrame(fromServer, body)
			continue
		}
		text := ws.NewTextFrame(body)
		fromClient = append(fromClient, compiled(ws.MaskFrame(text), ws.MaskFrame(ws.NewPongFrame(nil)))...)
		fromServer = append(fromServer, compiled(text)...)
	}
	return fromClient, fromServer
}

// Whatever the chunks are, bytes that a fault is not about pass unchanged in both
// directions. A fault that is about chunks leaves only whole frames alone.
func TestTapsLeaveTheRestAlone(t *testing.T) {
	for _, kind := range []wire.Transport{wire.TCP, wire.WS} {
		small, smallBack := plain(kind, 0, 5, 300)
		large, largeBack := plain(kind, kind.MaxMessage())
		for _, fault := range taps(kind) {
			t.Run(fault.Name, func(t *testing.T) {
				for _, size := range []int{1, 2, 5, 64, len(small)} {
					if size < len(small) && aboutChunks[fault.Name] {
						continue
					}
					expectThrough(t, kind, fault, small, smallBack, size)
				}
				for _, size := range []int{1000, 1 << 20} {
					if !aboutChunks[fault.Name] {
						expectThrough(t, kind, fault, large, largeBack, size)
					}
				}
			})
		}
	}
}

var aboutChunks = map[string]bool{"tcp-pieces-close": true, "tcp-incomplete-counts": true, "ws-incomplete-counts": true}

// expectThrough holds that bytes pass in chunks of a size, those of the client
// first.
func expectThrough(t *testing.T, kind wire.Transport, fault faults.Fault, fromClient, fromServer []byte, size int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		client, tapped := connect(t, memory.New(), kind, fault)
		if got := through(t, client, tapped, 0, chunksOf(fromClient, size)); !bytes.Equal(got, fromClient) {
			t.Errorf("chunks of %d: %d bytes from the client came as other %d", size, len(fromClient), len(got))
		}
		if fault.Name == "tcp-close-reset" {
			return // it has no FIN to end what through reads
		}
		if got := through(t, tapped, client, 0, chunksOf(fromServer, size)); !bytes.Equal(got, fromServer) {
			t.Errorf("chunks of %d: %d bytes from the server came as other %d", size, len(fromServer), len(got))
		}
	})
}

// What a listener does to a stream beside reading and writing reaches it through
// any tap.
func TestTapsForward(t *testing.T) {
	streamtest.OnNetworks(t, func(t *testing.T, n transport.Network) {
		for _, kind := range []wire.Transport{wire.TCP, wire.WS} {
			for _, fault := range taps(kind) {
				if fault.Name != "tcp-close-reset" { // which is about that
					expectForwarded(t, n, kind, fault)
				}
			}
		}
	})
}

func expectForwarded(t *testing.T, n transport.Network, kind wire.Transport, fault faults.Fault) {
	t.Helper()
	client, tapped := connect(t, n, kind, fault)
	_ = client.SetDeadline(time.Now().Add(streamtest.Patience))
	buffer, past := make([]byte, 1), time.Unix(1, 0)
	_ = tapped.SetReadDeadline(past)
	if _, err := tapped.Read(buffer); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%s: Read after its deadline: %v", fault.Name, err)
	}
	_ = tapped.SetWriteDeadline(past)
	if _, err := tapped.Write([]byte("\r\n\r\n")); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%s: Write after its deadline: %v", fault.Name, err)
	}
	_ = tapped.(interface{ CloseWrite() error }).CloseWrite()
	if _, err := client.Read(buffer); err != io.EOF {
		t.Errorf("%s: the client read %v, want the FIN", fault.Name, err)
	}
	_ = tapped.SetReadDeadline(time.Time{})
	if _, err := client.Write([]byte("\r\n\r\n")); err != nil {
		t.Errorf("%s: only half is closed: %v", fault.Name, err)
	}

	client, tapped = connect(t, n, kind, fault)
	_ = client.SetDeadline(time.Now().Add(streamtest.Patience))
	_ = tapped.(interface{ SetLinger(int) error }).SetLinger(0)
	_ = tapped.Close()
	if _, err := client.Read(buffer); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%s: the client read %v, want a reset", fault.Name, err)
	}
}
