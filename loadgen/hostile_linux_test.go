package loadgen

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/timing"
	"imcheck/harness/transport"
	"imcheck/harness/wire"
	"imcheck/reports"
)

// siege is a load of another process on a hostile server.
type siege struct {
	fleet
	Portable bool
	Sends    bool // large messages at a high rate, as for a server that does not read
}

// siegeOutcome is what came of it.
type siegeOutcome struct {
	Load reports.Load
	Peak int64 // of the resident memory, in bytes
}

// serveHostilely is told the name of a hostility.
func serveHostilely() error {
	var name string
	if err := json.NewDecoder(os.Stdin).Decode(&name); err != nil {
		return err
	}
	for _, h := range hostilities {
		if h.name != name {
			continue
		}
		s, err := startHostileServer(h)
		if err != nil {
			return err
		}
		if err := json.NewEncoder(os.Stdout).Encode(s.addresses); err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, os.Stdin)
		return err
	}
	return fmt.Errorf("there is no hostility %q", name)
}

func runSiege() error {
	var f siege
	if err := json.NewDecoder(os.Stdin).Decode(&f); err != nil {
		return err
	}
	c := Config{
		Target:     &target.Target{Network: transport.OS{}, Addresses: f.Addresses, Modes: everywhere(f.Mode)},
		Transports: []wire.Transport{f.On}, Clients: f.Clients, Sources: f.Sources,
		Ramp: f.Ramp, Duration: f.Duration, Scenario: ScenarioIdle, portable: f.Portable,
	}
	if f.Sends {
		c.Scenario, c.Rate, c.Payload = ScenarioSteady, 20_000, 5000
	}
	report, err := Run(context.Background(), c)
	if err != nil {
		return err
	}
	peak, err := peakResident()
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(siegeOutcome{*report, peak})
}

// peakResident is the largest resident size of this process so far, in bytes.
func peakResident() (int64, error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		var kilobytes int64
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kilobytes); err == nil {
			return kilobytes << 10, nil
		}
	}
	return 0, fmt.Errorf("the system does not tell the largest resident size")
}

// BenchmarkHostileTargets reports what 50 clients cost for 15 s on each kind of
// hostile server: the largest resident memory, and how long after its time the run
// was over.
func BenchmarkHostileTargets(b *testing.B) {
	for _, h := range hostilities {
		for _, v := range waysToConnect(5) {
			if h.raw != nil && v.on != wire.WS || h.body == nil && v.on == wire.UDP {
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
				b.Run(h.name+"/"+v.name+"/"+engine, func(b *testing.B) {
					for b.Loop() {
						measureSiege(b, h, siege{fleet{On: v.on, Clients: 50, Sources: v.sources, Mode: timing.Mode3S, Duration: 15 * time.Second}, portable, h.body == nil && !h.closes})
					}
					b.ReportMetric(0, "ns/op")
				})
			}
		}
	}
}

func measureSiege(b *testing.B, h hostility, f siege) {
	b.Helper()
	startProcess(b, "hostile server", h.name, &f.Addresses)
	var o siegeOutcome
	startProcess(b, "besieged fleet", f, &o)
	b.Log(o.Load.Reason)
	b.ReportMetric(float64(o.Peak)/(1<<20), "MiB-peak")
	b.ReportMetric(float64(o.Load.DurationMs)/1000-f.Duration.Seconds(), "s-over")
	b.ReportMetric(float64(o.Load.Sessions.LoggedIn), "logins")
}
