package content

import (
	"slices"
	"testing"

	"imcheck/reports"
)

func TestLedgerBalances(t *testing.T) {
	whole, shard := &reports.Load{}, &reports.Load{Shard: reports.Shard{Index: 1, Of: 2}}
	merged := &reports.Load{Shard: shard.Shard, Shards: make([]reports.ShardResult, 2)}
	impaired := &reports.Load{Impairment: &reports.Impairment{Specs: []string{"udp: drop=5%"}}}
	tests := []struct {
		name string
		load *reports.Load
		m    reports.Ledger
		off  []string // of each balance
	}{
		{"all there", whole, reports.Ledger{Kind: "c2c", Sent: 10, Acknowledged: 8, Lost: 1, Pending: 1, Delivered: 7, TooLate: 1, Missing: 2}, []string{"", ""}},
		{"to the server", whole, reports.Ledger{Kind: "c2s", Sent: 10, Acknowledged: 10}, []string{""}},
		{"an ACK short", whole, reports.Ledger{Kind: "c2s", Sent: 1010, Acknowledged: 10}, []string{"of 1,000 nothing is known"}},
		{"too many ACKs", whole, reports.Ledger{Kind: "echo", Sent: 10, Acknowledged: 12}, []string{"2 more than were sent"}},
		{"more than were sent", whole, reports.Ledger{Kind: "c2c", Sent: 10, Acknowledged: 10, Delivered: 13, Missing: -3}, []string{"", "3 more than were sent"}},
		{"the pairs differ", whole, reports.Ledger{Kind: "c2c", Sent: 10, Acknowledged: 10, Delivered: 10, Unbalanced: 4},
			[]string{"", "what each pair of clients has counted differs by 4"}},
		{"an impaired path", impaired, reports.Ledger{Kind: "c2c", Sent: 10, Acknowledged: 8, Lost: 1, Delivered: 7, TooLate: 1, Impaired: reports.ImpairedMessages{Unacked: 1, Undelivered: 2}}, []string{"", ""}},
		{"an impaired path that explains too little", impaired, reports.Ledger{Kind: "c2c", Sent: 10, Acknowledged: 9, Delivered: 9, Impaired: reports.ImpairedMessages{Undelivered: 1}}, []string{"of 1 nothing is known", ""}},
		{"a part of a run", shard, reports.Ledger{Kind: "c2c", Sent: 10, Acknowledged: 10, Delivered: 13, Missing: -3}, []string{""}},
		{"all its parts", merged, reports.Ledger{Kind: "c2c", Sent: 10, Acknowledged: 10, Delivered: 9, Missing: 1}, []string{"", ""}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var off []string
			for _, b := range Balances(test.load, test.m) {
				off = append(off, b.Off)
				if balanced := b.Sum == b.Sent; b.Off == "" && !balanced {
					t.Errorf("%d of %d and nothing is said about it", b.Sum, b.Sent)
				}
			}
			if !slices.Equal(off, test.off) {
				t.Errorf("got %q, want %q", off, test.off)
			}
		})
	}
}
