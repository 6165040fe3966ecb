package books

import (
	"testing"
	"time"

	"imcheck/reports"
)

func TestSampleLength(t *testing.T) {
	const day = 24 * time.Hour
	tests := []struct{ planned, want time.Duration }{
		{time.Second, time.Second}, {25 * time.Hour, time.Second}, {25*time.Hour + 1, 2 * time.Second}, {7 * day, 10 * time.Second},
		{31*day + 3*time.Hour, 30 * time.Second},
	}
	for _, test := range tests {
		if got := SampleLength(test.planned); got != test.want {
			t.Errorf("a run of %v has samples of %v, want %v", test.planned, got, test.want)
		}
		if samples := test.planned / SampleLength(test.planned); samples > maxSamples {
			t.Errorf("a run of %v has %d samples", test.planned, samples)
		}
	}
}

// A sample has the counts of all its seconds, the percentiles of all their values, what was
// used on average, and of what is read the last.
func TestTimelineGathers(t *testing.T) {
	timeline := NewTimeline(5 * time.Second)
	for i := range 12 {
		delivery, late := reports.NewHistogram(), reports.NewHistogram()
		reports.Record(delivery, time.Duration(i+1)*time.Millisecond)
		reports.Record(late, time.Duration(i+1)*time.Microsecond)
		at := int64(1000*(i+1) + 3) // as tickers go
		if i == 4 {
			at = 4990
		}
		timeline.Add(reports.Sample{
			AtMs: at, Online: int64(i), Sent: 10, Delivered: 9, Errors: 1, Lost: 1, LoggedIn: 2, GeneratorCPU: float64(i),
			Target: &reports.TargetSample{CPU: float64(i), Resident: int64(100 + i), OpenFiles: int64(i), GCMs: 1},
		}, delivery, late)
	}
	samples := timeline.Samples()
	if len(samples) != 3 {
		t.Fatalf("12 seconds are %d samples, want 3", len(samples))
	}
	first := samples[0]
	if first.Target == nil || *first.Target != (reports.TargetSample{CPU: 2, Resident: 104, OpenFiles: 4, GCMs: 5}) {
		t.Errorf("the target used %+v", first.Target)
	}
	first.Target = nil
	want := reports.Sample{AtMs: 4990, Online: 4, Sent: 50, Delivered: 45, Errors: 5, Lost: 5, LoggedIn: 10, P50Us: 3000, P99Us: 5000, LateP99Us: 5, GeneratorCPU: 2}
	if first.P50Us/10 != 300 || first.P99Us/10 != 500 {
		t.Errorf("percentiles %d and %d", first.P50Us, first.P99Us)
	}
	first.P50Us, first.P99Us = want.P50Us, want.P99Us
	if first != want {
		t.Errorf("got  %+v\nwant %+v", first, want)
	}
	if last := samples[2]; last.AtMs != 12_003 || last.Sent != 20 {
		t.Errorf("the sample that is under way: %+v", last)
	}
	if again := timeline.Samples(); len(again) != 3 || again[2].Sent != 20 {
		t.Errorf("looking at it has changed it: %+v", again[2])
	}
}

// The longest run there is keeps to the bound.
func TestTimelineOfAMonth(t *testing.T) {
	const month = 31 * 24 * 3600
	timeline := NewTimeline(SampleLength(month * time.Second))
	delivery, late := reports.NewHistogram(), reports.NewHistogram()
	for second := range month {
		timeline.Add(reports.Sample{AtMs: int64(second+1) * 1000, Sent: 1}, delivery, late)
	}
	samples := timeline.Samples()
	var sent int64
	for _, s := range samples {
		sent += s.Sent
	}
	if len(samples) > maxSamples || sent != month {
		t.Errorf("%d samples of %d messages", len(samples), sent)
	}
}
