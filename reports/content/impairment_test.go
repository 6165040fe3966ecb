package content

import (
	"testing"

	"imcheck/reports"
)

func TestImpairmentWords(t *testing.T) {
	for name, test := range map[string]struct {
		impairment *reports.Impairment
		want       string
	}{
		"none": {nil, ""},
		"nothing happened": {&reports.Impairment{Specs: []string{"tcp in: stall=1s/10s"}, Seed: 7},
			"path impaired: tcp in stall 1s/10s; seed 7"},
		"datagrams": {&reports.Impairment{Specs: []string{"udp: drop=5%, delay=50ms"}, Seed: -7, Counts: []reports.ImpairmentCounts{
			{Transport: "udp", Direction: "out", Passed: 2400, Dropped: 100}, {Transport: "udp", Direction: "in", Passed: 2044, Dropped: 23, Doubled: 2, Reordered: 1},
		}}, "path impaired: udp drop 5 %, delay 50ms; seed -7; dropped 123 of 4,567 datagrams, doubled 2, reordered 1"},
		"no loss yet": {&reports.Impairment{Specs: []string{"udp: drop=1%"}, Counts: []reports.ImpairmentCounts{{Passed: 1}}},
			"path impaired: udp drop 1 %; seed 0; dropped 0 of 1 datagram"},
		"streams": {&reports.Impairment{Specs: []string{"udp: drop=1%", "tcp ws: delay=50ms"}, Counts: []reports.ImpairmentCounts{{DelayedBytes: 1234, Stalls: 1}, {Stalls: 2}}},
			"path impaired: udp drop 1 %; tcp ws delay 50ms; seed 0; delayed 1,234 bytes of streams, 3 stalls"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := ImpairmentWords(test.impairment); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}
