package variants_test

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
	"imcheck/reference-server/behaviour"
	"imcheck/reference-server/internal/streamtest"
	"imcheck/reference-server/variants"
)

// find finds variants by name.
func find(t *testing.T, names ...string) []variants.Variant {
	t.Helper()
	found, err := variants.Find(names)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// withStreamVariants puts the variants of a server with seed 1 around a stream.
func withStreamVariants(c net.Conn, kind wire.Transport, all []variants.Variant) net.Conn {
	b := behaviour.Config{Config: server.Config{Seed: 1}}
	for _, v := range all {
		v.Apply(&b)
	}
	return b.Stream(c, kind)
}

// written connects a client to a stream that variants write to; call it in a bubble.
func written(t *testing.T, names ...string) (client, stream net.Conn) {
	t.Helper()
	return streamtest.Connect(t, memory.New(), func(c net.Conn) net.Conn {
		return withStreamVariants(c, wire.TCP, find(t, names...))
	})
}

// pieces notes the sizes of what is written to a stream.
type pieces struct {
	net.Conn
	sizes []int
}

func (p *pieces) Write(b []byte) (int, error) {
	p.sizes = append(p.sizes, len(b))
	return p.Conn.Write(b)
}

func TestPiecesOfWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, expect := range map[string]func(sizes []int) bool{
			"bytes-one-by-one": func(sizes []int) bool { return len(sizes) == 2048+10 && sizes[2047] == 1 && sizes[2048] == 100 },
			"writes-split-odd": func(sizes []int) bool { return len(sizes) > 1 },
		} {
			var under *pieces
			client, stream := streamtest.Connect(t, memory.New(), func(c net.Conn) net.Conn {
				under = &pieces{Conn: c}
				return withStreamVariants(under, wire.TCP, find(t, name))
			})
			sent := []byte(strings.Repeat("0123456789", 304) + "12345678")
			go func() {
				n, err := stream.Write(sent)
				if n != len(sent) || err != nil {
					t.Errorf("%s: %d bytes written, %v", name, n, err)
				}
			}()
			got := make([]byte, len(sent))
			if _, err := io.ReadFull(client, got); err != nil || !bytes.Equal(got, sent) {
				t.Errorf("%s: %v, or other bytes", name, err)
			}
			synctest.Wait()
			if !expect(under.sizes) {
				t.Errorf("%s: pieces %v", name, under.sizes)
			}
		}
	})
}

// Writes within 20 ms go out together, and what is held goes out before the FIN.
func TestJoinedWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, stream := written(t, "writes-joined")
		begin := time.Now()
		buffer := make([]byte, 1000)
		expect := func(want string, after time.Duration) {
			t.Helper()
			n, err := client.Read(buffer)
			if got := string(buffer[:n]); got != want || err != nil || time.Since(begin) != after {
				t.Errorf("after %v: %q, %v; want %q after %v", time.Since(begin), got, err, want, after)
			}
		}
		write := func(text string) {
			if _, err := stream.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
		}
		write("a")
		time.Sleep(15 * time.Millisecond)
		write("b")
		expect("ab", 20*time.Millisecond)
		write("c")
		if err := stream.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		expect("c", 20*time.Millisecond)
		if _, err := client.Read(buffer); err != io.EOF {
			t.Errorf("then %v, want the FIN", err)
		}
	})
}

// Much is not held for long, and nothing is written after the stream was closed.
func TestJoinedWritesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, stream := written(t, "writes-joined")
		begin := time.Now()
		if _, err := stream.Write(make([]byte, 40<<10)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(client, make([]byte, 40<<10)); err != nil || time.Since(begin) != 0 {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
		if _, err := stream.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		_ = stream.Close()
		if _, err := stream.Write([]byte("y")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("writing after the close: %v", err)
		}
		if got, err := io.ReadAll(client); len(got) > 0 || err != nil {
			t.Errorf("after the close the client read %q, %v", got, err)
		}
	})
}

// A write that is stuck ends by its deadline, in virtual time too.
func TestStuckWrites(t *testing.T) {
	for _, name := range []string{"writes-joined", "bytes-one-by-one", "writes-split-odd"} {
		synctest.Test(t, func(t *testing.T) {
			_, stream := written(t, name)
			_ = stream.SetWriteDeadline(time.Now().Add(time.Second))
			var err error
			for i := 0; i < 1000 && err == nil; i++ {
				_, err = stream.Write(make([]byte, 64<<10))
			}
			if !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
}

// What a listener does to a stream beside writing reaches it through any variant.
func TestVariantsForward(t *testing.T) {
	streamtest.OnNetworks(t, func(t *testing.T, n transport.Network) {
		for _, name := range []string{"writes-joined", "bytes-one-by-one", "writes-split-odd"} {
			client, stream := streamtest.Connect(t, n, func(c net.Conn) net.Conn {
				return withStreamVariants(c, wire.WS, find(t, name))
			})
			_ = client.SetDeadline(time.Now().Add(streamtest.Patience))
			_ = stream.(interface{ SetLinger(int) error }).SetLinger(0)
			_ = stream.Close()
			if _, err := client.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("%s: the client read %v, want a reset", name, err)
			}
		}
	})
}
