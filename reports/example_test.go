package reports_test

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"imcheck/reports"
)

// A run writes its report into a folder, from which another program reads it.
func ExampleReadDir() {
	dir, err := os.MkdirTemp("", "run")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	const report = `{"schema": 1, "kind": "conformance", "outcome": "fail", "reason": "1 case failed",
		"results": [{"case": "login/accepted", "transport": "tcp", "verdict": "pass"},
		            {"case": "heartbeat/expiry", "transport": "tcp", "verdict": "fail", "actual": "closed after 9 s"}]}`
	if err := os.WriteFile(filepath.Join(dir, reports.ConformanceFile), []byte(report), 0o666); err != nil {
		log.Fatal(err)
	}

	bundle, err := reports.ReadDir(dir)
	if err != nil {
		log.Fatal(err)
	}
	run := bundle.Conformance
	fmt.Println(run.Outcome, "with exit code", run.Outcome.ExitCode())
	for _, r := range reports.BySeverity(run.Results) {
		fmt.Println(r.Verdict, r.Case, r.Transport, r.Actual)
	}
	// Output:
	// fail with exit code 1
	// fail heartbeat/expiry tcp closed after 9 s
	// pass login/accepted tcp
}

// A case that does not end alike in every round is a flake.
func ExampleFindFlakes() {
	rounds := []reports.Result{
		{Case: "qos/ack", Transport: "udp", Round: 1, Verdict: reports.Pass},
		{Case: "qos/ack", Transport: "udp", Round: 2, Verdict: reports.Fail},
		{Case: "qos/ack", Transport: "tcp", Round: 1, Verdict: reports.Pass},
		{Case: "qos/ack", Transport: "tcp", Round: 2, Verdict: reports.Pass},
	}
	for _, f := range reports.FindFlakes(rounds) {
		fmt.Printf("%s on %s: %.0f %% of %d rounds did not pass\n", f.Case, f.Transport, 100*f.Rate, f.Runs)
	}
	// Output:
	// qos/ack on udp: 50 % of 2 rounds did not pass
}
