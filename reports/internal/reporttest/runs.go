package reporttest

import "imcheck/reports"

// Conformance returns a conformance run of these results, as it is compared.
func Conformance(results ...reports.Result) *reports.Conformance {
	return &reports.Conformance{Header: reports.Header{
		Outcome: reports.OutcomePass,
		Command: []string{"imcheck", "conform", "--filter", "login"},
		Target:  reports.Target{Name: "server", Addresses: map[string]string{"tcp": "127.0.0.1:1"}, SenseModes: map[string]string{"tcp": "3S"}},
	}, Results: results}
}

// Impaired returns the impairment of a path.
func Impaired(seed int64, specs ...string) *reports.Impairment {
	return &reports.Impairment{Specs: specs, Seed: seed, Counts: []reports.ImpairmentCounts{
		{Transport: "udp", Direction: "out", Passed: 2400, Dropped: 100, Doubled: 3, Reordered: 2},
		{Transport: "tcp", Direction: "in", DelayedBytes: 12_345, Stalls: 4},
	}}
}

// Stays is a case that keeps two runs comparable.
var Stays = reports.Result{Case: "login/stays", Transport: "tcp", Verdict: reports.Pass}

// Load returns a load run with one latency of each transport, all percentiles at us.
func Load(us int64) *reports.Load {
	l := &reports.Load{
		Header:   reports.Header{Outcome: reports.OutcomePass, Target: reports.Target{Name: "server", SenseModes: map[string]string{"tcp": "3S"}}},
		Scenario: "steady", Clients: map[string]int{"tcp": 10}, RatePerSecond: 100, PayloadBytes: 100, SteadyMs: 10_000,
		Messages: []reports.Ledger{{Kind: "c2c", Sent: 1000, Acknowledged: 1000, Delivered: 990, Missing: 10}},
	}
	for _, transport := range []string{"tcp", reports.AllTransports} {
		l.Latencies = append(l.Latencies,
			reports.Latency{Kind: "c2c_ack", Transport: transport, From: reports.FromDue, Count: 100_000, P50Us: us, P99Us: us, P999Us: us},
			reports.Latency{Kind: "c2c_ack", Transport: transport, From: reports.FromSend, Count: 100_000, P50Us: 9 * us, P99Us: us, P999Us: us})
	}
	return l
}

// Expiry are measurements of one time that is to be 7 s, each with this lag.
func Expiry(lag float64, values ...float64) (results []reports.Result) {
	for i, v := range values {
		results = append(results, reports.Result{Case: "heartbeat/expiry", Transport: "tcp", Round: i + 1, Verdict: reports.Pass, Measurements: []reports.Measurement{
			{Name: "expiry", Rule: reports.RulePoint, Shows: reports.ShowsEnded, Value: v, Lower: 7000, Upper: 7000, Tolerance: 100, Lag: lag},
		}})
	}
	return results
}
