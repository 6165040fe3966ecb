package reports

import (
	"io"
	"strings"
	"testing"
)

// expiryModel has expiries of each form, with what is not known in them.
func expiryModel() *Conformance {
	c := &Conformance{Header: Header{Outcome: OutcomeFail, Reason: "3 of 6 cases failed", DurationMs: 16_000}}
	for _, e := range []Expiry{
		{SenseMode: "3S", Transport: "udp", Nominal: 10_000, Earliest: 9_901, Latest: 10_100, Verdict: Pass},
		{SenseMode: "3S", Transport: "tcp", Nominal: 7_000, Earliest: 8_002.5, Latest: 8_002.5, Verdict: Fail},
		{SenseMode: "3S", Transport: "ws", Nominal: 7_000, Earliest: 7_000, Latest: 7_000, Verdict: Pass},
		{SenseMode: "10S", Transport: "udp", Nominal: 21_000, Earliest: 21_101, Verdict: Fail},
		{SenseMode: "30S", Transport: "udp", Nominal: 62_000, Latest: 61_900, Verdict: Fail},
		{SenseMode: "30S", Transport: "tcp", Nominal: 35_000, Verdict: Error},
	} {
		e.Tolerance, e.Lag = 100, 1.5
		c.Expiries = append(c.Expiries, e)
		r := Result{Case: "heartbeat/expiry", Transport: e.Transport, SenseMode: e.SenseMode, Level: "MUST", Verdict: e.Verdict}
		if e.Verdict != Pass {
			r.Reason = "no close"
		}
		c.Results = append(c.Results, r)
	}
	return c
}

// TestExpiryTable holds the table of sense modes.
func TestExpiryTable(t *testing.T) {
	b := Bundle{Conformance: expiryModel()}
	compareGolden(t, text(t, b, TextOptions{}), "golden", "expiries.txt")
	page := string(rendered(t, func(w io.Writer) error { return WriteHTML(w, b) }))
	for _, want := range []string{">9.901–10.100 s <", ">after 21.101 s <", ">below -100 ms</td>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not have %s", want)
		}
	}
}
