package server

import (
	"context"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/conformance/suite"
	"imcheck/harness/target"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// exhausted is a network that refuses to dial while it has no more of something.
type exhausted struct {
	*memory.Network
	cause atomic.Pointer[syscall.Errno]
}

// DialStream connects, unless there is nothing left to connect with.
func (n *exhausted) DialStream(ctx context.Context, address string) (net.Conn, error) {
	if cause := n.cause.Load(); cause != nil {
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("socket", *cause)}
	}
	return n.Network.DialStream(ctx, address)
}

// Files and ports that this machine does not give are not a failure of the target, which
// has not gone either.
func TestLocalCausesAreNotFailures(t *testing.T) {
	for cause, want := range map[syscall.Errno]string{
		syscall.EMFILE: "this process may have no more open files", syscall.ENFILE: "this machine may have no more open files",
		syscall.ENOBUFS: "this machine has no buffer", syscall.EADDRNOTAVAIL: "this machine has no port",
	} {
		synctest.Test(t, func(t *testing.T) {
			network := &exhausted{Network: memory.New()}
			under := &target.Target{Network: network, Tolerance: 100 * time.Millisecond, Modes: timing.DefaultModes()}
			under.Addresses[wire.TCP] = fakeTest{kind: wire.TCP}.listen(t, network.Network)
			exhaust := func() { network.cause.Store(&cause) }
			late := func(s *Scene) {
				s.Wait(20 * time.Second)
				s.Login(s.User("u"))
			}
			finished, err := Run(t.Context(), under, []suite.Item{
				itemOf("without", func(s *Scene) {
					s.Login(s.User("u"))
					exhaust()
					s.Wait(10 * time.Second) // the watchdog looks in vain
					s.Connect("no more")
				}),
				itemOf("by-hand", func(s *Scene) {
					s.Wait(5 * time.Second)
					s.OpenStream(wire.TCP)
				}),
				itemOf("recovered", func(s *Scene) {
					time.AfterFunc(15*time.Second, func() { network.cause.Store(nil) })
					late(s)
				}),
				itemOf("failed", func(s *Scene) { suite.Fail("this", "that") }),
			}, suite.Options{})
			if err != nil {
				t.Errorf("%v: %v", cause, err)
			}
			for i, verdict := range []reports.Verdict{reports.Inconclusive, reports.Inconclusive, reports.Pass, reports.Fail} {
				f := finished[i]
				if own := verdict == reports.Inconclusive; f.Result.Verdict != verdict || own != (f.Trouble != "") || own && !strings.Contains(f.Result.Reason, want) {
					t.Errorf("%v, %s: %s, %q, trouble %q", cause, f.Item.ID, f.Result.Verdict, f.Result.Reason, f.Trouble)
				}
			}
		})
	}
}
