package content

import (
	"slices"
	"testing"

	"imcheck/reports"
)

func TestExportWords(t *testing.T) {
	got := ExportWords([]reports.Export{
		{Protocol: "OTLP", To: "http://a/v1/metrics", Sent: 1, End: true},
		{Protocol: "remote write", To: "http://b/w", Sent: 1200, Failed: 3, Skipped: 2, Error: "no answer in time"},
	})
	want := []string{
		"figures by OTLP to http://a/v1/metrics: 1 export taken",
		"figures by remote write to http://b/w: 1,200 exports taken, 3 not (the latest: no answer in time), 2 left out as the receiver was slow; the figures of the end did not get there",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}
