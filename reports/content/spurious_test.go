package content

import (
	"strings"
	"testing"

	"imcheck/reports"
)

func TestSpuriousWords(t *testing.T) {
	tests := []struct {
		name string
		m    reports.Ledger
		want string
	}{
		{"none", reports.Ledger{Kind: "c2c", Sent: 9, Delivered: 9, Duplicated: 3}, ""},
		{"on streams", reports.Ledger{Kind: "c2c", Delivered: 5000, Spurious: 838, SpuriousDelay: reports.Spread{P50Us: 4_500_000, P99Us: 6_900_000, MaxUs: 7_010_000}},
			"838 copies of c2c messages came again 1.5 s or more after the ACK was out: 16.76 % of the 5,000 delivered, 4.50 s after it in the median and 7.01 s at most"},
		{"one, on UDP", reports.Ledger{Kind: "s2c", Delivered: 8, Spurious: 1, SpuriousUDP: 1},
			"1 copy of a s2c message came again 1.5 s or more after the ACK was out: 12.5 % of the 8 delivered; on UDP, where the path may have lost the ACK"},
		{"some on UDP, of what nobody delivered", reports.Ledger{Kind: "c2c", Spurious: 3, SpuriousUDP: 2},
			"3 copies of c2c messages came again 1.5 s or more after the ACK was out; 2 of them on UDP, where the path may have lost the ACK"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := SpuriousWords(test.m); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// The column is there where there is something to show.
func TestLedgerTableShowsSpuriousCopies(t *testing.T) {
	healthy := []reports.Ledger{{Kind: "c2s", Sent: 5}, {Kind: "c2c", Sent: 5, Delivered: 5}}
	if table := LedgerTable(healthy); strings.Contains(strings.Join(table.Titles, ""), "spurious") {
		t.Errorf("of a healthy run: %q", table.Titles)
	}
	table := LedgerTable(append(healthy, reports.Ledger{Kind: "s2c", Delivered: 5, Spurious: 2}))
	for i, want := range []string{"–", "0", "2"} {
		if row := table.Rows[i]; len(row) != len(table.Titles) || row[len(row)-1].Text != want {
			t.Errorf("row %d is %v, want %s last", i, row, want)
		}
	}
}
