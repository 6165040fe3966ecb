package clientcases_test

import (
	"slices"
	"testing"

	"imcheck/conformance/clientcases"
	"imcheck/conformance/internal/casestest"
	"imcheck/conformance/suite"
	"imcheck/harness/drive"
	"imcheck/harness/transport/impair"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// TestOwnClientOnABadNetwork checks that a client which keeps the rules passes every case
// over a path that delays what is sent and loses some of it, whatever is lost.
func TestOwnClientOnABadNetwork(t *testing.T) {
	if underRace {
		t.Skip("the race detector has seen this code")
	}
	t.Parallel()
	policy, _, err := impair.Parse([]string{"delay=50ms, jitter=20ms, drop=3%, seed=15"})
	if err != nil {
		t.Fatal(err)
	}
	path := impair.New(policy)
	casestest.ExpectVerdict(t, world{path: path}.run(t, clientcases.All()), reports.Pass)
	var lost int64
	for _, c := range path.Counts() {
		lost += c.Dropped
	}
	if lost < 20 {
		t.Errorf("%d datagrams were lost: that is no bad network", lost)
	}
}

// TestFaultsOnABadNetwork checks that on a path that loses datagrams a client on UDP is accused of
// nothing, and that a fault is found all the same on streams.
func TestFaultsOnABadNetwork(t *testing.T) {
	t.Parallel()
	policy, _, err := impair.Parse([]string{"delay=20ms, drop=1%, seed=15"})
	if err != nil {
		t.Fatal(err)
	}
	faults, err := drive.Find([]string{"kick-code-wrong"})
	if err != nil {
		t.Fatal(err)
	}
	kick := slices.DeleteFunc(clientcases.All(), func(c suite.Case) bool { return c.ID != "kick/administrator" })
	results := world{path: impair.New(policy), faults: faults}.run(t, kick)
	if len(results) != len(wire.Transports) {
		t.Fatalf("%d results, want one for each transport", len(results))
	}
	for _, r := range results {
		want := reports.Fail
		if r.Transport == wire.UDP.String() {
			want = reports.Inconclusive
		}
		casestest.ExpectVerdict(t, []reports.Result{r}, want)
	}
}
