package check_test

import (
	"strings"
	"testing"

	"imcheck/conformance/check"
	"imcheck/conformance/suite"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/faults"
	"imcheck/reference-server/reference"
	"imcheck/reports"
)

// A fault is found, and explained by its case.
func TestFault(t *testing.T) {
	wrong, err := faults.Find([]string{"verdict-ignored"})
	if err != nil {
		t.Fatal(err)
	}
	s, err := reference.Start(reference.Config{Addresses: reference.Loopback(), Control: "127.0.0.1:0", Faults: wrong})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ended := 0
	report, err := check.Server(t.Context(), check.Config{
		Addresses: s.Addresses(), Control: s.ControlAddress(), Finished: func(suite.Finished) { ended++ },
		Selection: suite.Selection{Cases: []string{"login/*"}, Filter: "needs-verdicts && ws"},
	})
	if err != nil {
		t.Fatal(err)
	}
	failures := check.Failures(report)
	if report.Outcome != reports.OutcomeFail || len(failures) == 0 || ended != len(report.Results) || !strings.Contains(failures[0], "login/") {
		t.Errorf("outcome %s of %d results, %d ended; failures %q", report.Outcome, len(report.Results), ended, failures)
	}
}

// What cannot be checked is an error that says what to do.
func TestErrors(t *testing.T) {
	nowhere := [...]string{wire.UDP: "", wire.TCP: "127.0.0.1:1", wire.WS: ""}
	for want, config := range map[string]check.Config{
		"no case is selected":     {},
		"no server answers on":    {Addresses: nowhere, Selection: suite.Selection{Filter: "login"}},
		"the filter \"login &&\"": {Addresses: nowhere, Selection: suite.Selection{Filter: "login &&"}, Modes: timing.DefaultModes()},
	} {
		if report, err := check.Server(t.Context(), config); err == nil || report != nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v, %v; want %q", report, err, want)
		}
	}
}
