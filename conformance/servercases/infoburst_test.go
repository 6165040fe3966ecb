package servercases_test

import (
	"fmt"
	"strings"
	"testing"

	"imcheck/conformance/suite"
	"imcheck/reference-server/faults"
	"imcheck/reference-server/variants"
	"imcheck/reports"
)

// burstCase measures how many messages of a burst come again.
const burstCase = "qos/prompt-ack-in-a-burst"

// expectInBursts runs the case of bursts, and expects that a share of the messages came
// again: "0 of" or "200 of".
func expectInBursts(t *testing.T, w world, c2c, s2c string) {
	t.Helper()
	w.modes = all3S
	for _, r := range w.run(t, []suite.Case{caseByID(t, burstCase)}) {
		for _, want := range []string{fmt.Sprintf("C → C at 500 a second: %s 200", c2c), fmt.Sprintf("S → C at 100 a second: %s 25", s2c)} {
			if r.Verdict != reports.Pass || !strings.Contains(r.Reason, want) {
				t.Errorf("%s [%s]: %s, %q; want %q", r.Case, r.Transport, r.Verdict, r.Reason, want)
			}
		}
	}
}

func TestBurstsAtAHealthyServer(t *testing.T) {
	t.Parallel()
	expectInBursts(t, world{}, "0 of", "0 of")
}

// Each message comes again at a server that ignores ACKs.
func TestBurstsWhoseACKsAreIgnored(t *testing.T) {
	t.Parallel()
	found, err := faults.Find([]string{"ack-ignored"})
	if err != nil {
		t.Fatal(err)
	}
	expectInBursts(t, world{faults: found}, "200 of", "25 of")
}

// Of the freedoms only the one to miss an ACK brings copies, and accuses nobody.
func TestBurstsInVariants(t *testing.T) {
	skipUnderRace(t)
	for _, v := range variants.All() {
		t.Run(v.Name, func(t *testing.T) {
			t.Parallel()
			missed := v.Name == "acks-missed"
			for _, r := range (world{modes: all3S, variants: []variants.Variant{v}}).run(t, []suite.Case{caseByID(t, burstCase)}) {
				none := strings.Contains(r.Reason, ": 0 of")
				if r.Verdict != reports.Pass || none == missed && !v.Loses {
					t.Errorf("%s [%s]: %s, %q", r.Case, r.Transport, r.Verdict, r.Reason)
				}
			}
		})
	}
}

// The case takes no longer than others that wait for a retransmission.
func TestBurstsAreShort(t *testing.T) {
	t.Parallel()
	slowest := map[string]float64{}
	for _, r := range (world{modes: all3S}).run(t, []suite.Case{caseByID(t, burstCase), caseByID(t, "qos/c2c-retransmitted-once")}) {
		slowest[r.Case] = max(slowest[r.Case], r.DurationMs)
	}
	if burst, other := slowest[burstCase], slowest["qos/c2c-retransmitted-once"]; burst == 0 || burst > other {
		t.Errorf("it takes %v ms, another one %v", burst, other)
	}
}
