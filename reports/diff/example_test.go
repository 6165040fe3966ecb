package diff_test

import (
	"fmt"
	"log"

	"imcheck/reports"
	"imcheck/reports/diff"
)

// Two runs of the same cases are compared, such as of two versions of a server.
func ExampleOfConformance() {
	before := &reports.Conformance{Results: []reports.Result{
		{Case: "login/accepted", Transport: "tcp", Verdict: reports.Pass},
		{Case: "qos/ack", Transport: "tcp", Verdict: reports.Pass},
	}}
	after := &reports.Conformance{Results: []reports.Result{
		{Case: "login/accepted", Transport: "tcp", Verdict: reports.Pass},
		{Case: "qos/ack", Transport: "tcp", Verdict: reports.Fail, Reason: "no ACK within 4 s"},
	}}
	compared, err := diff.OfConformance(before, after, diff.DefaultBounds)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(compared.Same, "of", compared.Compared, "cases are as before")
	for _, c := range compared.Changes {
		fmt.Printf("%s %s: %s, %s\n", c.Change, c.Case, c.New, c.Reason)
	}
	// Output:
	// 1 of 2 cases are as before
	// regressed qos/ack: fail, no ACK within 4 s
}
