package reports_test

import (
	"bytes"
	"encoding/csv"
	"io"
	"reflect"
	"slices"
	"testing"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

func timelineOf(t *testing.T, l *reports.Load) []byte {
	t.Helper()
	return reporttest.Rendered(t, func(w io.Writer) error { return reports.WriteTimelineCSV(w, l) })
}

func TestTimelineCSVGolden(t *testing.T) {
	for _, name := range []string{"load-good", "load-bottleneck"} {
		t.Run(name, func(t *testing.T) {
			reporttest.Golden(t, timelineOf(t, reporttest.Model(t, name).Load), "golden", name+".timeline.csv")
		})
	}
}

// Every field of a sample is in a column of its own, and none is there twice.
func TestTimelineCSVHasEveryField(t *testing.T) {
	var s reports.Sample
	fields := reflect.ValueOf(&s).Elem()
	want := map[string]bool{}
	for i := range fields.NumField() {
		fields.Field(i).SetInt(int64(i) - 3) // negative ones too: they are figures like others
		want[fields.Type().Field(i).Name] = true
	}
	lines, err := csv.NewReader(bytes.NewReader(timelineOf(t, &reports.Load{Timeline: []reports.Sample{s}}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != 2 || len(lines[0]) != len(want) {
		t.Fatalf("got %q, want two lines of %d fields", lines, len(want))
	}
	slices.Sort(lines[1])
	if n := len(slices.Compact(lines[1])); n != len(want) {
		t.Errorf("%d different figures, want %d", n, len(want))
	}
}

// A run that never began has titles and no line.
func TestTimelineCSVOfNothing(t *testing.T) {
	if got := timelineOf(t, &reports.Load{}); bytes.Count(got, []byte("\r\n")) != 1 || !bytes.HasPrefix(got, []byte("at_ms,")) {
		t.Errorf("got %q, want the titles", got)
	}
}
