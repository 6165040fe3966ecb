package reports_test

import (
	"slices"
	"testing"

	"imcheck/reports"
)

func TestAddExports(t *testing.T) {
	first := reports.Export{Protocol: "OTLP", To: "http://a", Sent: 5, End: true}
	rows := reports.AddExports(nil, []reports.Export{first})
	rows = reports.AddExports(rows, []reports.Export{
		{Protocol: "OTLP", To: "http://b", Sent: 1, End: true},
		{Protocol: "remote write", To: "http://a", Failed: 2, Error: "gone"},
		{Protocol: "OTLP", To: "http://a", Sent: 1, Failed: 2, Skipped: 3, Error: "busy"},
	})
	want := []reports.Export{
		{Protocol: "OTLP", To: "http://a", Sent: 6, Failed: 2, Skipped: 3, Error: "busy"},
		{Protocol: "OTLP", To: "http://b", Sent: 1, End: true},
		{Protocol: "remote write", To: "http://a", Failed: 2, Error: "gone"},
	}
	if !slices.Equal(rows, want) {
		t.Errorf("got %+v", rows)
	}
}
