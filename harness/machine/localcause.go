package machine

import (
	"errors"
	"io/fs"
	"net"
	"strings"
	"syscall"
)

const (
	noPort    = "this machine has no port for another connection to the target: run less at once, or wait until ports are free"
	noProcess = `this machine starts no more processes: end others, or raise the limit with "ulimit -u"`
)

var localCauses = []struct {
	cause syscall.Errno
	text  string
}{
	{syscall.EMFILE, `this process may have no more open files: raise the limit with "ulimit -n", or run less at once`},
	{syscall.ENFILE, "this machine may have no more open files: end other programs, or raise its limit"},
	{syscall.ENOBUFS, "this machine has no buffer for another connection: end other programs, or run less at once"},
	{syscall.ENOMEM, "this machine has no memory left: end other programs, or run less at once"},
	{syscall.EADDRNOTAVAIL, noPort},
}

// LocalCause explains an error that is due to a limit of the tester's own machine, with
// what to do about it. It returns "" when the target may be the cause. A limit of this
// side is never a failure of the other.
func LocalCause(err error) string {
	for _, limit := range localCauses {
		if errors.Is(err, limit.cause) {
			return limit.text
		}
	}
	if !errors.Is(err, syscall.EAGAIN) {
		return ""
	}
	if _, dialed := errors.AsType[*net.OpError](err); dialed { // Linux, from a datagram socket
		return noPort
	}
	if started, ok := errors.AsType[*fs.PathError](err); ok && started.Op == "fork/exec" {
		return noProcess
	}
	return ""
}

// LocalCauseIn is LocalCause for an error of which only the text is left, as in a report.
func LocalCauseIn(text string) string {
	for _, limit := range localCauses {
		if strings.Contains(text, limit.cause.Error()) {
			return limit.text
		}
	}
	return ""
}
