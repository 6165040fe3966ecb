package verdict

import (
	"testing"

	"imcheck/reports"
)

func TestTargetThresholds(t *testing.T) {
	l := &reports.Load{Scenario: "steady", TargetUse: &reports.TargetUse{
		Source: "process 4711", MeasuredMs: 10_000, CPUSeconds: 5, BeforeBytes: 1 << 20, EndBytes: 3 << 20, PeakBytes: 4 << 20, OpenFiles: 70,
		CPUMicrosPerMessage: 25, BytesPerSession: 2048, GCMs: 5, GCKnown: true,
	}}
	for threshold, held := range map[string]bool{
		"target.processors<=0.5": true, "target.processors<0.5": false,
		"target.cpu_per_message<30us": true, "target.cpu_per_message<0.02ms": false,
		"target.memory<4MiB": true, "target.memory<3MB": false,
		"target.peak_memory<=4MiB": true, "target.peak_memory<4000KB": false,
		"target.session_memory<=2KiB": true, "target.session_memory<2000B": false,
		"target.open_files<=70": true, "target.open_files<70": false,
		"target.gc_time<6ms": true, "target.gc_time<5ms": false,
	} {
		judged, err := Judge(parsed(t, threshold), l, "")
		if err != nil || judged[0].Unknown || judged[0].Held != held {
			t.Errorf("%s: %+v, %v", threshold, judged, err)
		}
	}
	l.TargetUse = &reports.TargetUse{Source: "process 4711"}
	for _, threshold := range parsed(t, "target.gc_time<1s", "target.memory<1GB") {
		judged, err := Judge([]Threshold{threshold}, l, "")
		if err != nil || !judged[0].Unknown || judged[0].Note != "it could not be read of the target: process 4711 does not say" {
			t.Errorf("%v: %+v, %v", threshold, judged, err)
		}
	}
	for _, text := range []string{"target.memory<1", "target.memory<1s", "target.open_files<1KB", "target.cpu_per_message<5", "target.cpu<5"} {
		if _, err := ParseThreshold(text); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}
