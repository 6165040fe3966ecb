package reports

// aRun is a conformance run of these results, as it is compared.
func aRun(results ...Result) *Conformance {
	return &Conformance{Header: Header{
		Outcome: OutcomePass,
		Command: []string{"imcheck", "conform", "--filter", "login"},
		Target:  Target{Name: "server", Addresses: map[string]string{"tcp": "127.0.0.1:1"}, SenseModes: map[string]string{"tcp": "3S"}},
	}, Results: results}
}

// stays is a case that keeps two runs comparable.
var stays = Result{Case: "login/stays", Transport: "tcp", Verdict: Pass}

// aLoad is a load run with one latency of each transport, all percentiles at us.
func aLoad(us int64) *Load {
	l := &Load{
		Header:   Header{Outcome: OutcomePass, Target: Target{Name: "server", SenseModes: map[string]string{"tcp": "3S"}}},
		Scenario: "steady", Clients: map[string]int{"tcp": 10}, RatePerSecond: 100, PayloadBytes: 100, SteadyMs: 10_000,
		Messages: []Ledger{{Kind: "c2c", Sent: 1000, Acknowledged: 1000, Delivered: 990, Missing: 10}},
	}
	for _, transport := range []string{"tcp", AllTransports} {
		l.Latencies = append(l.Latencies,
			Latency{Kind: "c2c_ack", Transport: transport, From: FromDue, Count: 1000, P50Us: us, P99Us: us, P999Us: us},
			Latency{Kind: "c2c_ack", Transport: transport, From: FromSend, Count: 1000, P50Us: 9 * us, P99Us: us, P999Us: us})
	}
	return l
}

// rounds are measurements of one time that is to be 7 s, each with this lag.
func rounds(lag float64, values ...float64) (results []Result) {
	for i, v := range values {
		results = append(results, Result{Case: "heartbeat/expiry", Transport: "tcp", Round: i + 1, Verdict: Pass, Measurements: []Measurement{
			{Name: "expiry", Value: v, Lower: 7000, Upper: 7000, Tolerance: 100, Lag: lag},
		}})
	}
	return results
}
