package server

import (
	"errors"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/conformance/suite"
	"imcheck/harness/target"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// TestTargetLost checks that a run ends soon after its target, and that what
// failed with it is not a failure of the target, while what failed before is.
func TestTargetLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := memory.New()
		listener, err := network.ListenStream("127.0.0.1:8901")
		if err != nil {
			t.Fatal(err)
		}
		go acceptAndClose(listener)
		under := &target.Target{Network: network, Tolerance: time.Millisecond}
		under.Addresses[wire.TCP] = "127.0.0.1:8901"
		failAfter := func(d time.Duration) func(*Scene) {
			return func(s *Scene) {
				s.Wait(d)
				suite.Fail("an answer", "none")
			}
		}
		time.AfterFunc(10*time.Second, func() { listener.Close() })
		started := time.Now()
		finished, err := Run(t.Context(), under, []suite.Item{
			itemOf("failed-before", failAfter(5*time.Second)),
			itemOf("failed-with-it", failAfter(10100*time.Millisecond)),
			itemOf("still-waiting", func(s *Scene) { s.Wait(time.Minute) }),
			itemOf("passed", func(*Scene) {}),
		}, suite.Options{})
		var lost *suite.TargetLostError
		if !errors.As(err, &lost) || !strings.Contains(err.Error(), "127.0.0.1:8901") {
			t.Errorf("got %v", err)
		}
		if took := time.Since(started); took > 13*time.Second {
			t.Errorf("the run went on until %v", took)
		}
		for i, want := range []reports.Verdict{reports.Fail, reports.Error, reports.Error, reports.Pass} {
			if got := finished[i].Result.Verdict; got != want {
				t.Errorf("%s: %s instead of %s", finished[i].Item.ID, got, want)
			}
		}
	})
}

func acceptAndClose(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		conn.Close()
	}
}
