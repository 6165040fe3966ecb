package page

import (
	"maps"
	"slices"
	"testing"

	"imcheck/reports"
)

// Every kind of latency has a place among the charts, and a meaning.
func TestEveryKindOfLatencyIsDrawn(t *testing.T) {
	want := slices.Sorted(slices.Values(reports.LatencyKinds))
	if got := slices.Sorted(slices.Values(chartKinds)); !slices.Equal(got, want) {
		t.Errorf("charts of %q\nwant      %q", got, want)
	}
	if got := slices.Sorted(maps.Keys(kindMeanings)); !slices.Equal(got, want) {
		t.Errorf("meanings of %q\nwant        %q", got, want)
	}
}
