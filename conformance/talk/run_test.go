package talk_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/conformance/talk"
	"imcheck/harness/drive"
	"imcheck/harness/driver"
	"imcheck/harness/relay"
	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/harness/transport/impair"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
	"imcheck/reports"
)

const anyPort = "127.0.0.1:0"

// own launches the toolkit's own client, with faults.
func own(t *testing.T, n transport.Network, faultNames ...string) driver.Launcher {
	t.Helper()
	faults, err := drive.Find(faultNames)
	if err != nil {
		t.Fatal(err)
	}
	return driver.Function(func(ctx context.Context, in io.Reader, out io.Writer) error {
		return drive.Run(ctx, n, in, out, drive.Options{Faults: faults})
	})
}

// talked lets clients with faults, one list for each, talk in virtual time.
func talked(t *testing.T, kind wire.Transport, specs, plan []string, d time.Duration, clients ...[]string) (outcome talk.Outcome, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := memory.New()
		mode := timing.Mode3S
		s, failed := reference.Start(reference.Config{
			Network: n, Addresses: [...]string{anyPort, anyPort, anyPort}, Control: anyPort,
			Modes: timing.Modes{mode, mode, mode}, Limits: server.DefaultLimits, Version: "test",
		})
		if failed != nil {
			t.Fatal(failed)
		}
		defer s.Close()
		control := target.NewControl(n, s.ControlAddress())
		defer control.Close()
		o := talk.Options{
			Transport: kind, Mode: mode, Rate: 1, Duration: d,
			Network: n, Server: s.Address(kind), Control: control,
		}
		var bad error
		if o.Policy, _, bad = impair.Parse(specs); bad != nil {
			t.Fatal(bad)
		}
		for _, text := range plan {
			timed, bad := relay.ParseTimed(text)
			if bad != nil {
				t.Fatal(bad)
			}
			o.Plan = append(o.Plan, timed)
		}
		for _, faults := range clients {
			o.Launchers = append(o.Launchers, own(t, n, faults...))
		}
		outcome, err = talk.Run(t.Context(), o)
	})
	return outcome, err
}

// Two clients talk for ten minutes with a loss of 3 % in between, on each transport, and the
// ledger balances.
func TestTalks(t *testing.T) {
	for _, kind := range wire.Transports {
		t.Run(kind.String(), func(t *testing.T) {
			outcome, err := talked(t, kind, []string{"drop=3%, delay=20ms, jitter=10ms, seed=5"}, nil, 10*time.Minute, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			sum := talk.Sum(outcome.Ledger.Ways())
			if !sum.Balances() || sum.Sent != 1200 || sum.Delivered < 1190 || sum.ShownUnreported > 0 || !outcome.Events {
				t.Errorf("%+v, events %t\n%+v", sum, outcome.Events, outcome.Ledger.Odd())
			}
			if kind.Connected() && sum.Delivered != 1200 {
				t.Errorf("a byte stream loses nothing: %+v", sum)
			}
			if len(outcome.Counts) == 0 {
				t.Error("nothing was impaired")
			}
		})
	}
}

// More of them, of whom each talks to all others, and a network that does worse.
func TestTalksOnBadNetworks(t *testing.T) {
	plan := []string{"20s=rebind", "60s=outage 20s", "120s=stall 4s", "150s=reset", "180s=half-open"}
	for _, kind := range wire.Transports {
		t.Run(kind.String(), func(t *testing.T) {
			outcome, err := talked(t, kind, []string{"drop=10%, duplicate=5%, reorder=5%, seed=3"}, plan, 5*time.Minute, nil, nil, nil)
			if err != nil {
				t.Fatal(err)
			}
			sum := talk.Sum(outcome.Ledger.Ways())
			if !sum.Balances() || sum.Sent+sum.Refused != 900 || sum.Delivered < 700 {
				t.Errorf("%+v\n%+v", sum, outcome.Ledger.Odd())
			}
		})
	}
}

// Clients with faults are found out by the ledger.
func TestFaultsThatLedgersShow(t *testing.T) {
	tests := []struct {
		fault string
		kind  wire.Transport
		shows func(sum reports.TalkLedger) bool
	}{
		{"duplicate-shown", wire.UDP, func(s reports.TalkLedger) bool { return s.ShownTwice > 0 }},
		{"content-trimmed", wire.TCP, func(s reports.TalkLedger) bool { return s.Strange == 60 && s.Missing == 60 }},
		{"stops-reading", wire.TCP, func(s reports.TalkLedger) bool { return s.Missing > 0 }},
		{"stops-reading", wire.UDP, func(s reports.TalkLedger) bool { return s.Missing > 0 }},
		{"received-unreported", wire.WS, func(s reports.TalkLedger) bool { return s.ShownUnreported == 60 }},
		{"ack-ignored", wire.TCP, func(s reports.TalkLedger) bool { return s.LostThoughShown == 60 }},
		{"never-retransmits", wire.UDP, func(s reports.TalkLedger) bool { return s.LostReported > 0 || s.Missing > 0 }},
	}
	for _, test := range tests {
		t.Run(test.fault+"/"+test.kind.String(), func(t *testing.T) {
			outcome, err := talked(t, test.kind, []string{"drop=10%, duplicate=10%, seed=3, delay=1ms"}, nil, time.Minute, nil, []string{test.fault})
			if err != nil {
				t.Fatal(err)
			}
			if sum := talk.Sum(outcome.Ledger.Ways()); !test.shows(sum) {
				t.Errorf("%+v\n%.2000v", sum, outcome.Ledger.Odd())
			}
		})
	}
}

func TestClientsThatFail(t *testing.T) {
	_, err := talked(t, wire.TCP, nil, nil, time.Minute, nil, []string{"login-unreported"})
	if failed, ok := errors.AsType[*talk.DriverError](err); !ok || failed.Client != 2 {
		t.Errorf("got %v", err)
	}
}
