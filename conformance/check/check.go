// Package check runs the catalogue of cases against a server from a Go program, such as the
// server's own tests.
package check

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"imcheck/conformance/server"
	"imcheck/conformance/servercases"
	"imcheck/conformance/suite"
	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// Config says where a server is, and what to check. One address is enough.
type Config struct {
	Addresses [len(wire.Transports)]string // host:port or a URL, by transport; "" where it is not served
	Control   string                       // host:port of its control API; "" without one
	// Modes are its sense modes; the zero value for those that the control API declares, or
	// timing.DefaultModes.
	Modes     timing.Modes
	Selection suite.Selection // the zero value for the whole catalogue but its longest cases
	Seed      int64           // seed for the order of the cases
	Strict    bool            // a SHOULD that does not hold is a failure, not a warning
	Tolerance time.Duration   // of measured times, either way; 0 for target.DefaultTolerance
	// Finished is called with each case as it ends, one at a time; may be nil.
	Finished func(suite.Finished)
}

// discovery bounds the wait for a server to answer at an address.
const discovery = 5 * time.Second

// Server checks a server that is running. The report has a result for each case; the error says
// why there is none: a bad selection, or a server that does not answer. A server that goes away
// meanwhile shows in the outcome of the report.
func Server(ctx context.Context, c Config) (*reports.Conformance, error) {
	t := &target.Target{
		Network: transport.OS{}, Addresses: c.Addresses, Control: c.Control,
		Tolerance: cmp.Or(c.Tolerance, target.DefaultTolerance),
	}
	items, skipped, err := c.Selection.Select(servercases.All(), t.Transports())
	switch {
	case err != nil:
		return nil, fmt.Errorf("check a server: %w", err)
	case len(items) == 0:
		return nil, errors.New("check a server: no case is selected: name an address, and a filter that leaves some")
	}
	if err := t.Discover(ctx, discovery); err != nil {
		return nil, fmt.Errorf("check a server: %w", err)
	}
	if t.Modes, err = t.Info.Modes(t.Transports()); err != nil {
		return nil, fmt.Errorf("check a server: %w", err)
	}
	if c.Modes != (timing.Modes{}) {
		t.Modes = c.Modes
	}
	started := time.Now()
	finished, err := server.Run(ctx, t, items, suite.Options{Seed: c.Seed, Strict: c.Strict, Finished: c.Finished})
	if len(finished) == 0 {
		return nil, fmt.Errorf("check a server: %w", err)
	}
	return suite.Report(finished, suite.ReportOptions{
		Header: reports.Header{Kind: reports.KindConformance}, End: suite.Servers, Catalogue: servercases.All(),
		Skipped: skipped, Seed: c.Seed, Rounds: 1, Started: started, Err: err,
		Trace: func(suite.Finished) string { return "" }, Rerun: c.rerun,
	}), nil
}

// rerun returns a command of the program that runs one case again.
func (c Config) rerun(f suite.Finished) string {
	t := f.Item.Transport
	command := fmt.Sprintf("imcheck conform --%s %s", t, c.Addresses[t])
	if c.Control != "" {
		command += " --control " + c.Control
	}
	return fmt.Sprintf("%s --case %s --filter %s", command, f.Item.ID, t)
}

// Failures explains the results that are failures or errors: requirement, expected and actual
// behaviour, and the end of the transcript.
func Failures(report *reports.Conformance) (all []string) {
	for _, r := range report.Results {
		if r.Verdict == reports.Fail || r.Verdict == reports.Error {
			all = append(all, suite.Explain(r))
		}
	}
	return all
}
