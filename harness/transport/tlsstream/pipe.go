package tlsstream

import (
	"net"
	"time"
)

// pipe is the net.Conn below the TLS of a Stream. Its reads return what was received
// and never block, except for those of the handshake; its writes collect what is to be
// sent and never fail.
type pipe struct {
	handshake *handshake // nil after it
	in        []byte     // received, not read yet
	end       error      // result of reads once in is empty, nil while more may be received
	out       []byte     // written, not taken yet
}

// ErrNothing is the error of a read while nothing is there to be read. crypto/tls keeps
// every other error of a read for good; it can be read on after this one because
// net.Error's Temporary says so.
var ErrNothing error = nothing{}

type nothing struct{}

func (nothing) Error() string   { return "nothing more has been received yet" }
func (nothing) Timeout() bool   { return true }
func (nothing) Temporary() bool { return true }

func (p *pipe) Read(b []byte) (int, error) {
	if p.handshake != nil {
		return p.handshake.read(b)
	}
	if len(p.in) == 0 && p.end != nil {
		return 0, p.end
	}
	if len(p.in) == 0 {
		return 0, ErrNothing
	}
	n := copy(b, p.in)
	p.in = p.in[n:]
	return n, nil
}

func (p *pipe) Write(b []byte) (int, error) {
	if p.handshake != nil {
		p.handshake.write(b)
	} else {
		p.out = append(p.out, b...)
	}
	return len(b), nil
}

func (*pipe) Close() error                     { return nil }
func (*pipe) LocalAddr() net.Addr              { return address{} }
func (*pipe) RemoteAddr() net.Addr             { return address{} }
func (*pipe) SetDeadline(time.Time) error      { return nil }
func (*pipe) SetReadDeadline(time.Time) error  { return nil }
func (*pipe) SetWriteDeadline(time.Time) error { return nil }

// address is the address of both ends of a pipe.
type address struct{}

func (address) Network() string { return "memory" }
func (address) String() string  { return "memory" }
