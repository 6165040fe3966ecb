package content

import (
	"reflect"
	"testing"

	"imcheck/reports"
)

func TestTrendWords(t *testing.T) {
	trends := []reports.Trend{
		{Figure: "target.memory_slope", Unit: reports.TrendShare, FromMs: 3_600_000, ToMs: 7_200_000, LevelUnit: "bytes", Level: 1 << 30, Slope: 4.126, Low: 3.6, High: 4.61, Course: reports.TrendRising},
		{Figure: "c2c_delivery.p99_slope", Unit: reports.TrendShare, LevelUnit: "us", Level: 20_000, Slope: -0.01234, Low: -1.5, High: 1.25, Course: reports.TrendSteady},
		{Figure: "ledger.lost_slope", Unit: reports.TrendPoints, LevelUnit: "%", Level: 0.5, Slope: 0.25, Low: -1, High: 2, Course: reports.TrendUnclear},
		{Figure: "target.open_files_slope", Unit: reports.TrendShare, Course: reports.TrendUnknown, Reason: "only 3 of 48 parts of the run have a value"},
	}
	want := [][]string{
		{"memory of the target", "1.00 GiB", "+4.13 %", "+3.6 % and +4.61 %", "rising"},
		{"c2c delivery p99", "20.0 ms", "-0.0123 %", "-1.5 % and +1.25 %", "steady"},
		{"share of messages lost", "0.5 %", "+0.25 pp", "-1 pp and +2 pp", "unclear"},
		{"open files of the target", "", "", "", "unknown: only 3 of 48 parts of the run have a value"},
	}
	var got [][]string
	for _, row := range TrendTable(trends).Rows {
		var texts []string
		for _, cell := range row {
			texts = append(texts, cell.Text)
		}
		got = append(got, texts)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	rising := []string{"memory of the target rises by 4.13 % an hour (between +3.6 % and +4.61 %), over 1 h 0 min from 1.00 GiB"}
	if got := RisingWords(trends); !reflect.DeepEqual(got, rising) {
		t.Errorf("got %q", got)
	}
}

// What may be under way while a run goes on is no fault of its messages.
func TestUnfinishedWords(t *testing.T) {
	m := reports.Ledger{Kind: reports.MessagesC2C, Sent: 10, Acknowledged: 7, Pending: 2, Lost: 1, Delivered: 7, Missing: 3}
	l := &reports.Load{Header: reports.Header{DurationMs: 108_000_000}, Messages: []reports.Ledger{m}}
	if got := LedgerFaults(l, m); len(got) != 3 || UnfinishedWords(l) != "" {
		t.Errorf("a run that has ended: %q, %q", got, UnfinishedWords(l))
	}
	l.Unfinished = &reports.Unfinished{PlannedMs: 172_800_000}
	if got := LedgerFaults(l, m); len(got) != 1 || UnfinishedWords(l) == "" {
		t.Errorf("one that goes on: %q, %q", got, UnfinishedWords(l))
	}
	for _, b := range Balances(l, m) {
		for _, part := range b.Parts {
			if part.Bad != (part.Name == "Lost" || part.Name == "Too late") {
				t.Errorf("%+v", part)
			}
		}
	}
}
