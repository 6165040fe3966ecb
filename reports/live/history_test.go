package live

import (
	"testing"

	"imcheck/reports"
)

// Days of a run take no more room than its first minutes, and nothing that was counted is
// missing.
func TestHistoryIsBounded(t *testing.T) {
	const seconds = 3 * 86400
	var h History
	for i := range int64(seconds) {
		s := reports.Sample{AtMs: (i + 1) * 1000, Online: i, Sent: 2, Delivered: 1, Errors: i % 2, LoggedIn: 3, P99Us: 10}
		if i == 1234 {
			s.P99Us = 4711
		}
		h.Add(s)
		h.Add(s) // told twice
	}
	samples, per := h.Samples()
	if len(samples) > maxSamples || len(samples) < maxSamples/2 {
		t.Errorf("%d samples", len(samples))
	}
	if per != 256 {
		t.Errorf("a sample is about %d seconds, want 256", per)
	}
	var sent, delivered, errors, logins, p99, before int64
	for i, s := range samples {
		sent, delivered, errors, logins, p99 = sent+s.Sent, delivered+s.Delivered, errors+s.Errors, logins+s.LoggedIn, max(p99, s.P99Us)
		if length := s.AtMs - before; length != int64(per)*1000 && i < len(samples)-1 {
			t.Fatalf("sample %d is about %d ms", i, length)
		}
		before = s.AtMs
	}
	if sent != 2*seconds || delivered != seconds || errors != seconds/2 || logins != 3*seconds || p99 != 4711 {
		t.Errorf("sent %d, delivered %d, errors %d, logins %d, p99 %d", sent, delivered, errors, logins, p99)
	}
	if last := samples[len(samples)-1]; last.AtMs != seconds*1000 || last.Online != seconds-1 {
		t.Errorf("the last is %+v", last)
	}
}

func TestJoinedSamples(t *testing.T) {
	a := reports.Sample{AtMs: 3000, Online: 5, Sent: 30, P50Us: 9, P99Us: 10, LateP99Us: 1, GeneratorCPU: 1, Target: &reports.TargetSample{CPU: 1, Resident: 100, GCMs: 7}}
	b := reports.Sample{AtMs: 4000, Online: 6, Sent: 4, P50Us: 3, P99Us: 20, LateP99Us: 2, GeneratorCPU: 2, Target: &reports.TargetSample{CPU: 2, Resident: 50, GCMs: 1}}
	got := joined(a, b, 3, 1)
	want := reports.Sample{AtMs: 4000, Online: 6, Sent: 34, P50Us: 9, P99Us: 20, LateP99Us: 2, GeneratorCPU: 1.25}
	target := *got.Target
	got.Target = nil
	if got != want || target != (reports.TargetSample{CPU: 1.25, Resident: 50, GCMs: 7}) {
		t.Errorf("got %+v, target %+v", got, target)
	}
	if b.Target.GCMs != 1 {
		t.Error("a sample that others have was changed")
	}
}
