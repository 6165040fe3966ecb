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
	s := reports.Sample{Target: &reports.TargetSample{}}
	want := map[string]bool{}
	for _, fields := range []reflect.Value{reflect.ValueOf(&s).Elem(), reflect.ValueOf(s.Target).Elem()} {
		for i := range fields.NumField() {
			figure := len(want) - 3 // negative ones too: they are figures like others
			switch field := fields.Field(i); field.Kind() {
			case reflect.Int64:
				field.SetInt(int64(figure))
			case reflect.Float64:
				field.SetFloat(float64(figure) + 0.5)
			default:
				continue // its fields are next
			}
			want[fields.Type().Name()+"."+fields.Type().Field(i).Name] = true
		}
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
