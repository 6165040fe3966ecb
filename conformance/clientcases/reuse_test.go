package clientcases_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"

	"imcheck/conformance/client"
	"imcheck/conformance/suite"
	"imcheck/harness/drive"
	"imcheck/harness/driver"
	"imcheck/harness/transport/memory"
	"imcheck/reports"
)

// runOneByOne runs the cases of an area one after the other, and counts the clients that
// are started for that.
func runOneByOne(t *testing.T, name string, wrap func(driver.Function) driver.Function) (results []reports.Result, started int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := memory.New()
		launch := wrap(func(ctx context.Context, in io.Reader, out io.Writer) error {
			started++
			return drive.Run(ctx, network, in, out, drive.Options{})
		})
		under := &client.Target{Launcher: launch, Network: network, Tolerance: virtualTolerance}
		if err := errors.Join(under.Discover(t.Context()), under.Choose(world{}.modes())); err != nil {
			t.Fatal(err)
		}
		started = 0
		items, _, err := suite.Selection{}.Select(area(name), under.Transports())
		if err != nil {
			t.Fatal(err)
		}
		finished, err := client.Run(t.Context(), under, items, suite.Options{Parallel: 1})
		if err != nil {
			t.Error(err)
		}
		for _, f := range finished {
			results = append(results, f.Result)
		}
	})
	return results, started
}

// One client that can plays all cases, and each has its own.
func TestOneClientForAllCases(t *testing.T) {
	t.Parallel()
	results, started := runOneByOne(t, "kick", func(f driver.Function) driver.Function { return f })
	if started != 1 || len(results) < 10 {
		t.Errorf("%d cases started %d clients", len(results), started)
	}
	for _, r := range results {
		if r.Verdict != reports.Pass || r.Reason != "" {
			t.Errorf("%s", suite.Explain(r))
		}
	}
}

// A client that is of no use any more after its first case fails none of the others: each
// goes well in a fresh one, and the report says so.
func TestStateCarriedOver(t *testing.T) {
	t.Parallel()
	results, started := runOneByOne(t, "logout", func(f driver.Function) driver.Function {
		return func(ctx context.Context, in io.Reader, out io.Writer) error { return f(ctx, deafAfterReset(in), out) }
	})
	differ := 0
	for _, r := range results {
		if r.Verdict != reports.Pass {
			t.Errorf("%s", suite.Explain(r))
		}
		if strings.Contains(r.Reason, "in a client that had played 1 of the cases before: nothing within") && strings.HasSuffix(r.Reason, "; in a fresh one all went well") {
			differ++
		}
	}
	if differ != len(results)-1 || started != len(results) {
		t.Errorf("of %d cases %d say that a used client differs, and %d clients were started", len(results), differ, started)
	}
}

// deafAfterReset leaves out all commands after the one that resets a client.
func deafAfterReset(in io.Reader) io.Reader {
	heard, through := io.Pipe()
	go func() {
		deaf := false
		for lines := bufio.NewScanner(in); lines.Scan(); {
			if line := lines.Bytes(); !deaf || bytes.Contains(line, []byte(`"exit"`)) {
				if _, err := through.Write(append(line, '\n')); err != nil {
					break
				}
				deaf = deaf || bytes.Contains(line, []byte(`"reset"`))
			}
		}
		through.Close()
		_, _ = io.Copy(io.Discard, in)
	}()
	return heard
}
