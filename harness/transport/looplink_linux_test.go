package transport

import (
	"bytes"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"imcheck/protocol/wire"
)

// loopBench is a loop that a test turns by hand, with one TCP link.
type loopBench struct {
	*streamLoop
	link   *loopLink
	client net.Conn
	ended  []error // reasons that were reported
}

func (b *loopBench) Open(l Link) bool {
	b.link = l.(*loopLink)
	return true
}

func (b *loopBench) Message(Link, []byte) {}

func (b *loopBench) Closed(_ Link, reason error) { b.ended = append(b.ended, reason) }

func newLoopBench(t *testing.T) *loopBench {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	b, all := &loopBench{}, &linuxLoops{}
	all.try = all.tryAccept
	if all.file, err = copyOf(inner.(*net.TCPListener)); err != nil {
		t.Fatal(err)
	}
	defer all.file.Close()
	if all.socket, err = all.file.SyscallConn(); err != nil {
		t.Fatal(err)
	}
	if b.streamLoop, err = newStreamLoop(all, &streamListener{protocol: &tcpProtocol}, b); err != nil {
		t.Fatal(err)
	}
	all.loops = []*streamLoop{b.streamLoop}
	if b.client, err = net.Dial("tcp", inner.Addr().String()); err != nil {
		t.Fatal(err)
	}
	_ = b.client.SetDeadline(time.Now().Add(10 * time.Second))
	if err := all.accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = b.client.Close()
		b.dropAll()
		b.free()
	})
	b.obey()
	if b.link == nil {
		t.Fatal("no link was opened")
	}
	return b
}

// block sends more than the socket has room for, and returns it as it is on the wire.
func (b *loopBench) block(t *testing.T) (sent []byte) {
	t.Helper()
	_ = unix.SetsockoptInt(int(b.link.fd), unix.SOL_SOCKET, unix.SO_SNDBUF, 4096)
	for i := range 50 {
		body := bytes.Repeat([]byte{byte('a' + i%26)}, 4<<10)
		b.link.Send(body)
		sent = append(sent, wire.AppendFrame(nil, body)...)
	}
	b.obey()
	if !b.link.blocked || b.listener.waiting.Load() == 0 {
		t.Fatalf("%d bytes found room in the socket", len(sent))
	}
	return sent
}

// read reads in the background, until the end of the stream or as much as size.
func (b *loopBench) read(size int64) <-chan []byte {
	read := make(chan []byte, 1)
	go func() {
		all, _ := io.ReadAll(io.LimitReader(b.client, size))
		read <- all
	}()
	return read
}

// What the socket has no room for is written once the peer reads, and nothing twice.
func TestALoopWritesTheRestLater(t *testing.T) {
	b := newLoopBench(t)
	sent := b.block(t)
	read := b.read(int64(len(sent)))
	for b.listener.waiting.Load() > 0 {
		b.turn()
		b.obey()
	}
	if got := <-read; !bytes.Equal(got, sent) {
		t.Errorf("the client got %d bytes, other than the %d that were sent", len(got), len(sent))
	}
	if b.link.blocked || !b.link.deadline.IsZero() || b.link.unsent != nil {
		t.Error("the link still waits for its peer")
	}
}

// A peer that does not read for WriteTimeout is reset.
func TestALoopGivesUpAPeerThatDoesNotRead(t *testing.T) {
	b := newLoopBench(t)
	b.block(t)
	if left := time.Until(b.link.deadline); left > WriteTimeout {
		t.Errorf("it waits for %v", left)
	}
	b.link.deadline = time.Now().Add(-time.Second)
	b.check()
	b.obey()
	if len(b.ended) != 1 || !errors.Is(b.ended[0], ErrOutboxFull) {
		t.Errorf("the end was reported as %v", b.ended)
	}
	if waiting := b.listener.waiting.Load(); b.links != 0 || waiting != 0 {
		t.Errorf("%d links and %d bytes are left", b.links, waiting)
	}
	if _, err := io.ReadAll(b.client); !errors.Is(err, unix.ECONNRESET) {
		t.Errorf("the client got %v, want a reset", err)
	}
}

// A link that is closed while its socket is full writes what is queued before the FIN, and
// then waits for the peer for a moment only.
func TestALoopFinishesALinkWithAFullSocket(t *testing.T) {
	b := newLoopBench(t)
	sent := b.block(t)
	b.link.Close()
	b.link.Send([]byte("too late"))
	b.obey()
	if ended, ok := errors.AsType[*CloseError](errors.Join(b.ended...)); len(b.ended) != 1 || !ok || ended.Reason != ByUs {
		t.Errorf("the end was reported as %v", b.ended)
	}
	read := b.read(1 << 20)
	for b.link.state != lingering {
		b.turn()
		b.obey()
	}
	if got := <-read; !bytes.Equal(got, sent) {
		t.Errorf("the client got %d bytes, other than the %d that were sent", len(got), len(sent))
	}
	b.link.deadline, b.checked = time.Now().Add(-time.Second), time.Time{}
	b.check()
	if b.links != 0 || len(b.ended) != 1 {
		t.Errorf("%d links are left, with %d ends", b.links, len(b.ended))
	}
}
