package books

import (
	"sync"

	"imcheck/protocol/wire"
)

// ServerEnds counts ends of sessions that the events of a server report, of users that are
// expected to have left some behind. Any goroutine may call its methods. Make one with
// NewServerEnds.
type ServerEnds struct {
	mu           sync.Mutex
	expected     map[string]bool // users
	kicks, other int64
	whole        bool
}

// NewServerEnds returns an empty account.
func NewServerEnds() *ServerEnds { return &ServerEnds{expected: map[string]bool{}} }

// Expect has ends count of a user's sessions from now on.
func (e *ServerEnds) Expect(user string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.expected[user] = true
}

// Note counts an end, by a kick with a code or by something else.
func (e *ServerEnds) Note(user string, code wire.Code) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case !e.expected[user]:
	case code == wire.KickDuplicateLogin:
		e.kicks++
	default:
		e.other++
	}
}

// Followed notes that no event was missed.
func (e *ServerEnds) Followed() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.whole = true
}

// Counts returns the ends by kicks and by something else; whole reports whether no event was
// missed.
func (e *ServerEnds) Counts() (kicks, other int64, whole bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.kicks, e.other, e.whole
}
