package swarm

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"imcheck/internal/childprocess"
	"imcheck/internal/hostile"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// siege is a load of another process on a hostile server.
type siege struct {
	fleet
	Sends bool // large messages at a high rate, as for a server that does not read
}

// siegeOutcome is the result of a siege.
type siegeOutcome struct {
	Load reports.Load
	Peak int64 // peak of the resident memory, in bytes
}

// serveHostilely serves the hostile target whose name it reads.
func serveHostilely() error {
	var name string
	if err := json.NewDecoder(os.Stdin).Decode(&name); err != nil {
		return err
	}
	for _, h := range hostile.Targets() {
		if h.Name != name {
			continue
		}
		var addresses [len(wire.Transports)]string
		for _, on := range h.Transports {
			s, err := h.Start(on, nil)
			if err != nil {
				return err
			}
			addresses[on] = s.Address
		}
		return childprocess.Serve(addresses)
	}
	return fmt.Errorf("there is no hostile target %q", name)
}

func runSiege() error {
	var f siege
	if err := json.NewDecoder(os.Stdin).Decode(&f); err != nil {
		return err
	}
	c, err := f.config()
	if err != nil {
		return err
	}
	if f.Sends {
		c.Scenario, c.Rate, c.Payload = ScenarioSteady, 20_000, 5000
	}
	report, err := Run(context.Background(), c)
	if err != nil {
		return err
	}
	peak, err := childprocess.PeakResident(os.Getpid())
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(siegeOutcome{*report, peak})
}

// BenchmarkHostileTargets reports what 50 clients cost for 15 s on each kind of
// hostile server: the largest resident memory, and how long after its time the run
// was over.
func BenchmarkHostileTargets(b *testing.B) {
	for _, h := range hostile.Targets() {
		for _, v := range waysToConnect(5) {
			if !slices.Contains(h.Transports, v.on) {
				continue
			}
			for _, portable := range []bool{false, true} {
				if portable && v.sources != nil {
					continue
				}
				engine := "loops"
				if portable {
					engine = "portable"
				}
				b.Run(h.Name+"/"+v.name+"/"+engine, func(b *testing.B) {
					for b.Loop() {
						f := fleet{On: v.on, Clients: 50, Sources: v.sources, Mode: timing.Mode3S, Duration: 15 * time.Second, Portable: portable}
						measureSiege(b, h, siege{f, h.Unread && h.Size == 0})
					}
					b.ReportMetric(0, "ns/op")
				})
			}
		}
	}
}

func measureSiege(b *testing.B, h hostile.Target, f siege) {
	b.Helper()
	startProcess(b, "hostile server", h.Name, &f.Addresses)
	var o siegeOutcome
	startProcess(b, "besieged fleet", f, &o)
	b.Log(o.Load.Reason)
	b.ReportMetric(float64(o.Peak)/(1<<20), "MiB-peak")
	b.ReportMetric(float64(o.Load.DurationMs)/1000-f.Duration.Seconds(), "s-over")
	b.ReportMetric(float64(o.Load.Sessions.LoggedIn), "logins")
}
