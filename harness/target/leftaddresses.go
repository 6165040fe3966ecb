package target

import (
	"sync"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// leftAddresses remembers the local addresses of UDP connections that were closed while
// the target may still have had a session for them. A server knows a client on UDP by
// its address alone (§2): who comes from such an address next would be taken for
// the user who left, and would get what is meant for them.
type leftAddresses struct {
	mu    sync.Mutex
	until map[string]time.Time // when the session of an address is gone
	swept time.Time
}

// forgetting is the longest time from the expiry of a session until it is forgotten.
const forgetting = 2 * time.Second

func (l *leftAddresses) note(address string, now time.Time, wait time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.swept) > wait {
		l.swept = now
		for address, until := range l.until {
			if until.Before(now) {
				delete(l.until, address)
			}
		}
	}
	l.until[address] = now.Add(wait)
}

// has reports whether an address was left, and has a session still.
func (l *leftAddresses) has(address string, now time.Time) bool {
	if l == nil {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return now.Before(l.until[address])
}

// Leave closes a connection whose session the target is not told about. On UDP, Dial
// avoids its address from then on until the target has forgotten that session. An error
// of closing tells nobody anything.
func (t *Target) Leave(conn transport.Conn) {
	if t.left != nil && !conn.Transport().Connected() {
		t.left.note(localAddress(conn), time.Now(), t.Modes[wire.UDP].Expiry(wire.UDP)+forgetting)
	}
	_ = conn.Close()
}

func localAddress(conn transport.Conn) string { return conn.Raw().LocalAddr().String() }

// maxRedials bounds how often a connection is opened in search of an address that nobody
// has left.
const maxRedials = 64

// awayFromLeft returns a connection from an address that nobody has left, which dial may
// have to be called for several times. When nearly all ports were left it returns the last.
func (l *leftAddresses) awayFromLeft(dial func() (transport.Conn, error)) (transport.Conn, error) {
	conn, err := dial()
	for range maxRedials {
		if err != nil || conn.Transport().Connected() || !l.has(localAddress(conn), time.Now()) {
			break
		}
		defer conn.Close() // only at the end, or the next would get the same port
		conn, err = dial()
	}
	return conn, err
}
