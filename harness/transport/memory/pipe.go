package memory

import (
	"bytes"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
	"time"
)

// pipeSize is the capacity in bytes of one direction of a stream; writers wait for room.
const pipeSize = 64 << 10

// pipe is one direction of a stream.
type pipe struct {
	mu       sync.Mutex
	changed  sync.Cond
	buffer   bytes.Buffer
	finished bool // the writer has sent its FIN
	reset    bool // either end has reset the stream

	readerClosed bool
	writerClosed bool
	refused      bool // something was written after the reader closed

	readUntil  deadline
	writeUntil deadline
}

func newPipe() *pipe {
	p := &pipe{}
	p.changed.L = &p.mu
	return p
}

// read waits for bytes. Those written before a FIN or a reset can still be read, as on
// Linux.
func (p *pipe) read(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		switch {
		case p.readerClosed:
			return 0, net.ErrClosed
		case p.readUntil.passed:
			return 0, os.ErrDeadlineExceeded
		case len(b) == 0:
			return 0, nil
		case p.buffer.Len() > 0:
			n, err := p.buffer.Read(b)
			p.changed.Broadcast()
			return n, err
		case p.finished:
			return 0, io.EOF
		case p.reset:
			return 0, os.NewSyscallError("read", syscall.ECONNRESET)
		}
		p.changed.Wait()
	}
}

// write waits until all bytes have found room.
func (p *pipe) write(b []byte) (written int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		if err := p.writeError(); err != nil {
			return written, err
		}
		if p.readerClosed { // the peer answers with a reset, which is too late to fail this write
			p.refused = true
			return written + len(b), nil
		}
		n := min(len(b), pipeSize-p.buffer.Len())
		p.buffer.Write(b[:n])
		if n > 0 {
			p.changed.Broadcast()
		}
		written += n
		if b = b[n:]; len(b) == 0 {
			return written, nil
		}
		p.changed.Wait()
	}
}

func (p *pipe) writeError() error {
	switch {
	case p.writerClosed:
		return net.ErrClosed
	case p.writeUntil.passed:
		return os.ErrDeadlineExceeded
	case p.reset:
		return os.NewSyscallError("write", syscall.ECONNRESET)
	case p.finished, p.refused:
		return os.NewSyscallError("write", syscall.EPIPE)
	}
	return nil
}

// update changes the state of the pipe and wakes those who wait for that.
func (p *pipe) update(change func(p *pipe)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(p)
	p.changed.Broadcast()
}

// deadline bounds reads or writes. It is guarded by the lock of their connection.
type deadline struct {
	timer  *time.Timer
	passed bool
}

// set replaces the deadline; the zero time removes it. It is called with changed.L held,
// and broadcasts on changed when the deadline passes.
func (d *deadline) set(t time.Time, changed *sync.Cond) {
	if d.timer != nil {
		d.timer.Stop()
	}
	d.timer, d.passed = nil, false
	if t.IsZero() {
		return
	}
	wait := time.Until(t)
	if wait <= 0 {
		d.passed = true
		changed.Broadcast()
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(wait, func() {
		changed.L.Lock()
		defer changed.L.Unlock()
		if d.timer == timer { // else it has been replaced
			d.passed = true
			changed.Broadcast()
		}
	})
	d.timer = timer
}
