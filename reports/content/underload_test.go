package content

import (
	"testing"

	"imcheck/reports"
)

// What is not known is not said to hold.
func TestUnderLoadWords(t *testing.T) {
	result := func(v reports.Verdict) []reports.Result {
		return []reports.Result{{Case: "qos/a", Transport: "udp", Level: reports.Must, Verdict: v}}
	}
	for name, test := range map[string]struct {
		verdicts []reports.Verdict
		want     string
	}{
		"holds":      {[]reports.Verdict{reports.Pass, reports.Pass}, "under load of the scenario idle, up to 10 clients: nothing gave way that holds without"},
		"gives way":  {[]reports.Verdict{reports.Pass, reports.Fail}, "under load of the scenario idle, up to 10 clients: the first to give way, at 10 clients, is qos/a [udp]"},
		"not known":  {[]reports.Verdict{reports.Pass, reports.Inconclusive}, "under load of the scenario idle, up to 10 clients: nothing gave way that holds without, as far as is known: of 1 case it is not at some level"},
		"no level":   {[]reports.Verdict{reports.Pass}, "no level of load was run"},
		"not run":    {nil, ""},
		"in any way": {[]reports.Verdict{reports.Fail, reports.Fail}, "under load of the scenario idle, up to 10 clients: nothing gave way that holds without"},
	} {
		t.Run(name, func(t *testing.T) {
			u := &reports.UnderLoad{Scenario: "idle", Axis: reports.LoadByClients}
			for i, v := range test.verdicts {
				u.Add(reports.LoadLevel{Load: float64(10 * i)}, result(v))
			}
			u.Finish()
			if got := UnderLoadWords(u); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}
