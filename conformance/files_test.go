package conformance

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onsi/gomega"

	"imcheck/harness/target"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// Cases run at once as long as there are files for them.
func TestFilesBoundWhatRunsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var open, most int
		count := func(files int) {
			mu.Lock()
			defer mu.Unlock()
			open += files
			most = max(most, open)
		}
		var items []Item
		for i := range 40 {
			item := itemOf(fmt.Sprint("case-", i), nil)
			if i%10 == 0 {
				item.Opens = 15
			}
			item.Run = func(_ gomega.Gomega, s *Scene) {
				count(item.Files())
				s.Wait(time.Second)
				count(-item.Files())
			}
			items = append(items, item)
		}
		started := time.Now()
		if _, err := Run(t.Context(), &target.Target{}, items, Options{Files: 20, Parallel: 0}); err != nil {
			t.Fatal(err)
		}
		if most > 20 || most < 15 {
			t.Errorf("%d files were open, 20 are there", most)
		}
		if took := time.Since(started); took < 10*time.Second || took > 15*time.Second {
			t.Errorf("cases of a second with 204 files, 20 at once, took %v", took)
		}
		if together, largest := FilesNeeded(items, 0); together != 204 || largest != 15 {
			t.Errorf("together %d, the largest %d", together, largest)
		}
		if together, largest := FilesNeeded(items, 5); together != 4*15+4 || largest != 15 {
			t.Errorf("five at once %d, the largest %d", together, largest)
		}
	})
}

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

// Files and ports that this machine does not give are no failure of the target, which
// has not gone either.
func TestOwnTroubleIsNobodysFailure(t *testing.T) {
	for cause, want := range map[syscall.Errno]string{
		syscall.EMFILE: "this process may have no more open files", syscall.ENFILE: "this machine may have no more open files",
		syscall.ENOBUFS: "this machine has no buffer", syscall.EADDRNOTAVAIL: "this machine has no port",
	} {
		synctest.Test(t, func(t *testing.T) {
			network := &exhausted{Network: memory.New()}
			under := &target.Target{Network: network, Tolerance: 100 * time.Millisecond, Modes: timing.DefaultModes()}
			under.Addresses[wire.TCP] = fakeTest{kind: wire.TCP}.listen(t, network.Network)
			exhaust := func() { network.cause.Store(&cause) }
			late := func(_ gomega.Gomega, s *Scene) {
				s.Wait(20 * time.Second)
				s.Login(s.User("u"))
			}
			finished, err := Run(t.Context(), under, []Item{
				itemOf("without", func(_ gomega.Gomega, s *Scene) {
					s.Login(s.User("u"))
					exhaust()
					s.Wait(10 * time.Second) // the watchdog looks in vain
					s.Connect("no more")
				}),
				itemOf("by-hand", func(_ gomega.Gomega, s *Scene) {
					s.Wait(5 * time.Second)
					s.OpenStream(wire.TCP)
				}),
				itemOf("recovered", func(g gomega.Gomega, s *Scene) {
					time.AfterFunc(15*time.Second, func() { network.cause.Store(nil) })
					late(g, s)
				}),
				itemOf("failed", func(_ gomega.Gomega, s *Scene) { fail("this", "that") }),
			}, Options{})
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
