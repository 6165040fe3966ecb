package machine_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"imcheck/harness/machine"
	"imcheck/harness/target"
	"imcheck/harness/transport"
)

func TestLocalCause(t *testing.T) {
	dial := func(cause syscall.Errno) error {
		return fmt.Errorf("connect: %w", &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", cause)})
	}
	for _, test := range []struct {
		err  error
		want string
	}{
		{dial(syscall.EMFILE), "ulimit -n"},
		{dial(syscall.ENFILE), "this machine may have no more open files"},
		{dial(syscall.ENOBUFS), "no buffer"},
		{dial(syscall.ENOMEM), "no memory"},
		{dial(syscall.EADDRNOTAVAIL), "no port"},
		{&target.UnreachableError{What: "tcp", Err: dial(syscall.EAGAIN)}, "no port"},
		{&transport.CloseError{Reason: transport.Broken, Err: syscall.ENOBUFS}, "no buffer"},
		{&target.LaunchError{Err: &fs.PathError{Op: "fork/exec", Path: "x", Err: syscall.EAGAIN}}, "ulimit -u"},
		{&target.LaunchError{Err: &fs.PathError{Op: "fork/exec", Path: "x", Err: syscall.ENOENT}}, ""},
		{&fs.PathError{Op: "read", Path: "x", Err: syscall.EAGAIN}, ""},
		{dial(syscall.ECONNREFUSED), ""},
		{dial(syscall.ETIMEDOUT), ""},
		{dial(syscall.EHOSTUNREACH), ""},
		{&transport.CloseError{Reason: transport.Timeout, Err: os.ErrDeadlineExceeded}, ""},
		{errors.New("too many open files"), ""}, // what a target says is no trouble of ours
		{nil, ""},
	} {
		if got := machine.LocalCause(test.err); !strings.Contains(got, test.want) || test.want == "" && got != "" {
			t.Errorf("%v: %q, want %q", test.err, got, test.want)
		}
	}
}
