package clientcases_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/conformance/client"
	"imcheck/conformance/clientcases"
	"imcheck/conformance/internal/casestest"
	"imcheck/conformance/suite"
	"imcheck/harness/drive"
	"imcheck/harness/driver"
	"imcheck/harness/transport/impair"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/driverapi"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// world is a client under test in virtual time, over a network in memory.
type world struct {
	faults   []drive.Fault
	variants []int            // of variants(), each client with its own state
	mode     timing.SenseMode // where it exists; 0, and elsewhere, for 3S
	long     bool
	path     *impair.Path    // nil for one that is not impaired
	client   driver.Function // nil for the toolkit's own, with the faults
}

// virtualTolerance is granted where no machine is slow.
const virtualTolerance = 10 * time.Millisecond

// impairedTolerance is granted where a path delays what is measured.
const impairedTolerance = 500 * time.Millisecond

// run runs a catalogue on every transport that the client has.
func (w world) run(t *testing.T, catalogue []suite.Case) (results []reports.Result) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := memory.New()
		launch := w.client
		if launch == nil {
			launch = func(ctx context.Context, in io.Reader, out io.Writer) error {
				changes := slices.Clone(w.faults)
				for _, i := range w.variants {
					changes = append(changes, variants()[i])
				}
				return drive.Run(ctx, network, in, out, drive.Options{Faults: changes})
			}
		}
		under := &client.Target{Launcher: launch, Network: network, Path: w.path, Tolerance: virtualTolerance}
		if w.path != nil {
			under.Tolerance = impairedTolerance
		}
		if err := errors.Join(under.Discover(t.Context()), under.Choose(w.modes())); err != nil {
			t.Fatal(err)
		}
		items, _, err := suite.Selection{Long: w.long}.Select(catalogue, under.Transports())
		if err != nil {
			t.Fatal(err)
		}
		finished, err := client.Run(t.Context(), under, items, suite.Options{})
		if err != nil {
			t.Error(err)
		}
		for _, f := range finished {
			results = append(results, f.Result)
		}
	})
	return results
}

func (w world) modes() (modes timing.Modes) {
	for _, kind := range wire.Transports {
		if w.mode.On(kind) {
			modes[kind] = w.mode
		}
	}
	return modes
}

// A client that is ready and does nothing passes no case that asks for anything.
func TestClientThatDoesNothing(t *testing.T) {
	t.Parallel()
	idle := func(ctx context.Context, in io.Reader, out io.Writer) error {
		ready := driverapi.Event{Kind: driverapi.EventReady, Name: "idle", Transports: wire.Transports[:], Modes: timing.SenseModes[:]}
		if _, err := out.Write(ready.Append(nil)); err != nil {
			return err
		}
		_, err := io.Copy(io.Discard, in)
		return err
	}
	for _, r := range (world{client: idle, long: true}).run(t, clientcases.All()) {
		want := map[reports.Level]reports.Verdict{reports.Must: reports.Fail, reports.Should: reports.Warn, reports.Info: reports.Pass}[r.Level]
		casestest.ExpectVerdict(t, []reports.Result{r}, want)
	}
}

func TestOwnClient(t *testing.T) {
	t.Parallel()
	casestest.ExpectVerdict(t, world{}.run(t, clientcases.All()), reports.Pass)
}

// TestLongCases runs those whose rules take minutes, with time that does not.
func TestLongCases(t *testing.T) {
	if underRace {
		t.Skip("the race detector has seen this code")
	}
	t.Parallel()
	long := slices.DeleteFunc(clientcases.All(), func(c suite.Case) bool { return c.LongWait == 0 })
	casestest.ExpectVerdict(t, world{long: true}.run(t, long), reports.Pass)
}

func TestOwnClientInOtherModes(t *testing.T) {
	if underRace {
		t.Skip("the race detector has seen this code")
	}
	for _, mode := range timing.SenseModes {
		t.Run(mode.String(), func(t *testing.T) {
			t.Parallel()
			casestest.ExpectVerdict(t, world{mode: mode}.run(t, area("heartbeat")), reports.Pass)
		})
	}
}

// area picks the cases of one area.
func area(name string) []suite.Case {
	return slices.DeleteFunc(clientcases.All(), func(c suite.Case) bool { return c.Area() != name })
}

func TestCatalogue(t *testing.T) {
	if err := suite.Check(clientcases.All()); err != nil {
		t.Error(err)
	}
	if err := suite.CheckCoverage(clientcases.All(), suite.Clients); err != nil {
		t.Error(err)
	}
}
