package target

import (
	"errors"
	"syscall"
)

// OwnTrouble says what the tester's own machine did not give when err is about that,
// with what to do; it returns "" when err may be about the target. Limits and buffers
// of this side are never a failure of the other.
func OwnTrouble(err error) string {
	for _, trouble := range ownTroubles {
		for _, cause := range trouble.causes {
			if errors.Is(err, cause) {
				return trouble.text
			}
		}
	}
	return ""
}

var ownTroubles = []struct {
	causes []error
	text   string
}{
	{[]error{syscall.EMFILE}, `this process may have no more open files: raise the limit with "ulimit -n", or run less at once`},
	{[]error{syscall.ENFILE}, "this machine may have no more open files: end other programs, or raise its limit"},
	{[]error{syscall.ENOBUFS, syscall.ENOMEM}, "this machine has no memory for another connection: end other programs, or run less at once"},
	// Linux says EAGAIN of datagram sockets when there is no port left.
	{[]error{syscall.EADDRNOTAVAIL, syscall.EAGAIN}, "this machine has no port for another connection to the target: run less at once, or wait until ports are free"},
}
