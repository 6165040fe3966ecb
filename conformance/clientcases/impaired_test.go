package clientcases_test

import (
	"testing"

	"imcheck/conformance/clientcases"
	"imcheck/conformance/internal/casestest"
	"imcheck/harness/transport/impair"
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
