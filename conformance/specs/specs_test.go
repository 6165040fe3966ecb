package specs_test

import (
	"context"
	"sync"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"imcheck/conformance/server"
	"imcheck/conformance/servercases"
	"imcheck/conformance/specs"
	"imcheck/conformance/suite"
	"imcheck/harness/target"
	"imcheck/harness/transport"
	rules "imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
	"imcheck/reports"
)

// TestConformance is the suite as Ginkgo specs, against the reference server
// over real sockets.
func TestConformance(t *testing.T) {
	gomega.RegisterFailHandler(ginkgo.Fail)
	embedded := startServer(t)
	items, _, err := suite.Selection{}.Select(servercases.All(), embedded.Transports())
	if err != nil {
		t.Fatal(err)
	}
	run := startRun(t, embedded, items)
	ginkgo.Describe("the reference server", func() {
		specs.Register(items, run.result)
	})
	ginkgo.RunSpecs(t, "Conformance")
}

// startServer starts a reference server on loopback and describes it.
func startServer(t *testing.T) *target.Target {
	t.Helper()
	const anyPort = "127.0.0.1:0"
	modes := timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S}
	s, err := reference.Start(reference.Config{
		Network: transport.OS{}, Addresses: [...]string{anyPort, anyPort, anyPort}, Control: anyPort,
		Modes: modes, Limits: rules.DefaultLimits, Version: "test",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	described := &target.Target{Network: transport.OS{}, Control: s.ControlAddress(), Modes: modes, Tolerance: target.DefaultTolerance}
	for _, kind := range wire.Transports {
		described.Addresses[kind] = s.Address(kind)
	}
	if err := described.Discover(t.Context(), target.DefaultTolerance*20); err != nil {
		t.Fatal(err)
	}
	return described
}

// backgroundRun is a run of all items at once, whose results are waited for
// one by one.
type backgroundRun struct {
	mu       sync.Mutex
	results  map[string]reports.Result
	finished map[string]chan struct{} // by item name
}

func startRun(t *testing.T, embedded *target.Target, items []suite.Item) *backgroundRun {
	run := &backgroundRun{results: map[string]reports.Result{}, finished: map[string]chan struct{}{}}
	for _, item := range items {
		run.finished[item.Name()] = make(chan struct{})
	}
	var background sync.WaitGroup
	background.Go(func() {
		_, err := server.Run(context.Background(), embedded, items, suite.Options{Finished: run.note})
		if err != nil {
			t.Errorf("the run ended early: %v", err)
			run.abandon(err)
		}
	})
	t.Cleanup(background.Wait)
	return run
}

func (r *backgroundRun) note(f suite.Finished) {
	r.mu.Lock()
	r.results[f.Item.Name()] = f.Result
	r.mu.Unlock()
	close(r.finished[f.Item.Name()])
}

// abandon lets nobody wait for what will not come.
func (r *backgroundRun) abandon(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, finished := range r.finished {
		if _, there := r.results[name]; !there {
			r.results[name] = reports.Result{Case: name, Verdict: reports.Error, Reason: err.Error()}
			close(finished)
		}
	}
}

func (r *backgroundRun) result(ctx ginkgo.SpecContext, item suite.Item) reports.Result {
	select {
	case <-r.finished[item.Name()]:
	case <-ctx.Done():
		return reports.Result{Case: item.ID, Transport: item.Transport.String(), Verdict: reports.Error, Reason: "interrupted"}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.results[item.Name()]
}
