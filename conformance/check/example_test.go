package check_test

import (
	"context"
	"fmt"

	"imcheck/conformance/check"
	"imcheck/conformance/suite"
	"imcheck/reference-server/reference"
)

// A server is checked by the cases of a filter. Here it is the reference server; yours is as
// good: give its addresses.
func ExampleServer() {
	yours, err := reference.Start(reference.Config{Addresses: reference.Loopback()})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer yours.Close()

	report, err := check.Server(context.Background(), check.Config{
		Addresses: yours.Addresses(),
		Selection: suite.Selection{Filter: "login && tcp"},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, failure := range check.Failures(report) {
		fmt.Println(failure)
	}
	fmt.Println("outcome:", report.Outcome)
	// Output: outcome: pass
}
