package swarm

import (
	"context"
	"flag"
	"fmt"
	"testing"
	"time"

	"imcheck/harness/bounds"
	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/internal/hostile"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

var everyFlood = flag.Bool("hostile", false, "try every flood on every transport in TestFloodsAreEnded")

// A target that sends without end has its connections ended, and keeps a run from
// an interrupt by no means. Two floods by TCP represent the others, which make hostile
// tries.
func TestFloodsAreEnded(t *testing.T) {
	for i, h := range hostile.Targets() {
		for _, on := range h.Transports {
			if !*everyFlood && (i > 1 || on != wire.TCP) {
				continue
			}
			if h.Size == 0 || h.Unread || on == wire.UDP && h.Size < bounds.UnaskedUnit {
				continue // by UDP a flood of small messages may be slower than the bound
			}
			for _, portable := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s by %s, portable: %t", h.Name, on, portable), func(t *testing.T) {
					t.Parallel()
					besiege(t, h, on, portable)
				})
			}
		}
	}
}

// besiege runs a load on a hostile server until something has been noticed.
func besiege(t *testing.T, h hostile.Target, on wire.Transport, portable bool) {
	t.Helper()
	s, err := h.Start(on, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := shortLoad()
	c.Target = &target.Target{Network: transport.OS{}, Modes: timing.Modes{timing.Mode10S, timing.Mode10S, timing.Mode10S}}
	c.Target.Addresses[on] = s.Address
	c.Transports, c.Scenario, c.Clients, c.portable, c.Duration = []wire.Transport{on}, ScenarioIdle, 2, portable, time.Hour
	c.Progress = func(now Snapshot) {
		if now.Total.Errors > 0 {
			cancel()
		}
	}
	report, err := Run(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, report, reports.OutcomeUnreachable, 3, "interrupted after")
	if report.Sessions.LostByCause[causeUnasked] == 0 {
		t.Errorf("lost are %v, want some by %q", report.Sessions.LostByCause, causeUnasked)
	}
}
