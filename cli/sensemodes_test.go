package cli

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/conformance/server"
	"imcheck/conformance/servercases"
	"imcheck/conformance/suite"
	"imcheck/harness/target"
	"imcheck/harness/transport/memory"
	rules "imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/faults"
	"imcheck/reference-server/reference"
	"imcheck/reports"
)

// startInMemory is a starter of reference servers on a network of their own.
func startInMemory(faults ...faults.Fault) server.Starter {
	return func(_ context.Context, modes timing.Modes) (*target.Target, func(), error) {
		const anyPort = "127.0.0.1:0"
		network := memory.New()
		s, err := reference.Start(reference.Config{
			Network: network, Addresses: [...]string{anyPort, anyPort, anyPort}, Control: anyPort,
			Modes: modes, Limits: rules.DefaultLimits, Faults: faults,
		})
		if err != nil {
			return nil, nil, err
		}
		t := &target.Target{Network: network, Control: s.ControlAddress(), Modes: modes, Tolerance: target.DefaultTolerance}
		for _, kind := range wire.Transports {
			t.Addresses[kind] = s.Address(kind)
		}
		return t, s.Close, nil
	}
}

// runSenseModes runs what --sense-modes asks for in virtual time.
func runSenseModes(t *testing.T, names string, start server.Starter) (c *reports.Conformance, took time.Duration, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f := &conformFlags{senseModes: strings.Split(names, ","), repeat: 1}
		f.target.register(newFlags("conform"))
		runs, usage := f.senseModeRuns(servercases.All())
		if usage != nil {
			t.Fatal(usage)
		}
		started := time.Now()
		err = server.RunSenseModes(t.Context(), runs, start, suite.Options{})
		took = time.Since(started)
		c, _ = f.senseModeReport(&app{}, runs, started, err)
	})
	return c, took, err
}

// TestEverySenseMode measures the whole table of §3, side by side.
func TestEverySenseMode(t *testing.T) {
	c, took, err := runSenseModes(t, "all", startInMemory())
	if err != nil {
		t.Fatal(err)
	}
	if bound := 260 * time.Second; took > bound || took < 242*time.Second {
		t.Errorf("it took %v, want at least the 242 s of 120S on UDP and at most %v", took, bound)
	}
	if len(c.Expiries) != 19 {
		t.Errorf("%d lines, want one for each of the 19 pairs of mode and transport in §3", len(c.Expiries))
	}
	for _, e := range c.Expiries {
		mode, _ := timing.Parse(e.SenseMode)
		kind, _ := wire.ParseTransport(e.Transport)
		nominal := float64(mode.Expiry(kind).Milliseconds())
		if e.Nominal != nominal || e.Verdict != reports.Pass || e.Tolerance != 100 {
			t.Errorf("%+v, want a pass at %v ms", e, nominal)
		}
		if early, late := e.Nominal-e.Earliest, e.Latest-e.Nominal; early < -1 || early > 101 || late < 0 || late > 101 {
			t.Errorf("%s on %s: measured %v to %v", e.SenseMode, e.Transport, e.Earliest, e.Latest)
		}
	}
	for _, r := range c.Results {
		if r.Verdict != reports.Pass || r.SenseMode == "" {
			t.Errorf("%s in %q", suite.Explain(r), r.SenseMode)
		}
	}
}

// TestSenseModeDrift checks that the table shows what a late server does, on UDP
// as far as the questions tell.
func TestSenseModeDrift(t *testing.T) {
	for kind, want := range map[wire.Transport]struct{ earliest, latest float64 }{
		wire.UDP: {10_100, 0}, // still there at the second question
		wire.TCP: {8_000, 8_000},
	} {
		faults, err := faults.Find([]string{"expiry-late-" + kind.String()})
		if err != nil {
			t.Fatal(err)
		}
		c, _, err := runSenseModes(t, "3S", startInMemory(faults...))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range c.Expiries {
			if e.Transport != kind.String() {
				if e.Verdict != reports.Pass {
					t.Errorf("expiry late on %s: %+v", kind, e)
				}
				continue
			}
			if e.Verdict != reports.Fail || e.Earliest-want.earliest > 1 || want.earliest-e.Earliest > 1 || e.Latest-want.latest > 1 || want.latest-e.Latest > 1 {
				t.Errorf("%+v, want %v", e, want)
			}
		}
	}
}

// TestSenseModeNotStarted: one mode that cannot be started does not keep the
// others from being measured.
func TestSenseModeNotStarted(t *testing.T) {
	broken := errors.New("the port is taken")
	healthy := startInMemory()
	c, _, err := runSenseModes(t, "3S,5S", func(ctx context.Context, modes timing.Modes) (*target.Target, func(), error) {
		if modes[wire.TCP] == timing.Mode5S {
			return nil, nil, broken
		}
		return healthy(ctx, modes)
	})
	if !errors.Is(err, broken) || !strings.Contains(err.Error(), "sense mode 5S: the port is taken") {
		t.Errorf("error %v", err)
	}
	if len(c.Expiries) != 3 || c.Expiries[0].SenseMode != "3S" {
		t.Errorf("lines %+v", c.Expiries)
	}
}

func TestSenseModeMistakes(t *testing.T) {
	tests := []struct {
		name string
		set  func(f *conformFlags)
		want string
	}{
		{"unknown mode", func(f *conformFlags) { f.senseModes = []string{"4S"} }, `unknown sense mode "4S"`},
		{"twice", func(f *conformFlags) { f.senseModes = []string{"3S", "3s"} }, "3S is given twice"},
		{"with an address", func(f *conformFlags) { f.target.addresses[wire.TCP] = "127.0.0.1:1" }, "starts the target itself"},
		{"with a profile that cannot launch", func(f *conformFlags) { f.target.profile, f.target.profilePath = &target.Profile{}, "p.yaml" }, "say in p.yaml, under launch, how"},
		{"mode that the profile has not", func(f *conformFlags) { f.target.profile = &target.Profile{Recipe: &target.Recipe{}} }, "does not list 3S"},
		{"with one mode", func(f *conformFlags) { f.target.modes = "3S" }, "exclude each other"},
		{"repeated", func(f *conformFlags) { f.repeat = 2 }, "exclude each other"},
		{"other cases", func(f *conformFlags) { f.selection.Cases = []string{"login/*"} }, `those with the label "expiry" only`},
		{"bad filter", func(f *conformFlags) { f.selection.Filter = "&&" }, "--filter"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := &conformFlags{senseModes: []string{"3S"}, repeat: 1}
			f.target.register(newFlags("conform"))
			test.set(f)
			if _, err := f.senseModeRuns(servercases.All()); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v does not say %q", err, test.want)
			}
		})
	}
}
