package servercases_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/conformance/server"
	"imcheck/conformance/servercases"
	"imcheck/conformance/suite"
	"imcheck/harness/accounts"
	"imcheck/harness/broker"
	brokermemory "imcheck/harness/broker/memory"
	"imcheck/harness/target"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/controlapi"
	rules "imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/bridge"
	"imcheck/reference-server/faults"
	"imcheck/reference-server/reference"
	"imcheck/reference-server/variants"
	"imcheck/reports"
)

// virtualTolerance is granted to measured times where time is virtual.
const virtualTolerance = time.Millisecond

// world is a reference server and how it is tested.
type world struct {
	modes     timing.Modes // modes of the transports that are served
	noControl bool
	bridged   bool // with a bridge; without one, cases that need it are left out
	stamp     bool
	observed  bool // like the observed server in everything
	long      bool // also the cases that take minutes
	faults    []faults.Fault
	variants  []variants.Variant
	users     accounts.Source      // that the server lets in; nil for anybody
	again     bool                 // the cases run twice, one run after the other
	seed      uint64               // seed for the variants
	finished  func(suite.Finished) // called with each item that ends; may be nil
	after     time.Duration        // from the start of the server to that of the cases
}

// all3S serves every transport in the shortest mode.
var all3S = timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S}

// run runs the cases of a catalogue in a bubble of virtual time, against a
// server in memory. Transports whose mode does not exist are not served.
func (w world) run(t *testing.T, catalogue []suite.Case) (results []reports.Result) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := memory.New()
		between := brokermemory.New()
		config := reference.Config{Network: network, Modes: w.modes, Limits: rules.DefaultLimits, Stamp: w.stamp, AsObserved: w.observed, Faults: w.faults, Variants: w.variants, Seed: w.seed, Users: w.users}
		for _, kind := range wire.Transports {
			if w.modes[kind].On(kind) {
				config.Addresses[kind] = "127.0.0.1:0"
			}
		}
		if w.bridged {
			config.Bridge = &bridge.Config{Broker: between, PublishTo: broker.FromServer, ConsumeFrom: broker.ToServer}
		} else {
			catalogue = slices.DeleteFunc(slices.Clone(catalogue), needsBridge)
		}
		if !w.noControl {
			config.Control = "127.0.0.1:0"
		}
		s, err := reference.Start(config)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		under := &target.Target{Network: network, Control: s.ControlAddress(), Modes: w.modes, Tolerance: virtualTolerance, Users: w.users}
		if w.bridged {
			under.Bridge = between
		}
		if len(w.variants) > 0 {
			under.Tolerance = variantTolerance
		}
		for _, kind := range wire.Transports {
			under.Addresses[kind] = s.Address(kind)
		}
		if err := under.Discover(t.Context(), time.Second); err != nil {
			t.Fatal(err)
		}
		time.Sleep(w.after) // virtual
		results = runAgainst(t, under, catalogue, w.long, suite.Options{Finished: w.finished})
		if w.again {
			time.Sleep(time.Minute) // virtual: what is left of the first run is over
			results = append(results, runAgainst(t, under, catalogue, w.long, suite.Options{Finished: w.finished})...)
		}
	})
	return results
}

// runAgainst runs a catalogue on every transport of a target.
func runAgainst(t *testing.T, under *target.Target, catalogue []suite.Case, long bool, o suite.Options) (results []reports.Result) {
	t.Helper()
	items, _, err := suite.Selection{Long: long}.Select(catalogue, under.Transports())
	if err != nil {
		t.Fatal(err)
	}
	finished, err := server.Run(t.Context(), under, items, o)
	if err != nil {
		t.Error(err)
	}
	for _, f := range finished {
		results = append(results, f.Result)
	}
	return results
}

func needsBridge(c suite.Case) bool {
	return slices.Contains(c.Needs, string(controlapi.CapabilityBridge))
}

// area picks the cases of one area.
func area(name string) []suite.Case {
	return slices.DeleteFunc(servercases.All(), func(c suite.Case) bool { return c.Area() != name })
}
