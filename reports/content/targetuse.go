package content

import (
	"fmt"
	"strings"

	"imcheck/reports"
	"imcheck/reports/words"
)

// TargetUseFact is one thing that is known of what the target used.
type TargetUseFact struct{ Name, Value string }

// TargetUseFacts lists what is known of what the process of the target used; none when
// nobody watched it.
func TargetUseFacts(u *reports.TargetUse) (facts []TargetUseFact) {
	if u == nil {
		return nil
	}
	add := func(name, format string, values ...any) {
		facts = append(facts, TargetUseFact{name, fmt.Sprintf(format, values...)})
	}
	if u.MeasuredMs > 0 && u.CPUSeconds > 0 {
		add("CPU", "%.2f processors on average, %.1f s in %s", u.Processors(), u.CPUSeconds, words.RunTime(u.MeasuredMs))
	}
	if u.CPUMicrosPerMessage > 0 {
		add("CPU a message", "%s µs", words.Trimmed(u.CPUMicrosPerMessage))
	}
	if u.EndBytes > 0 {
		add("Resident memory", "%s before, %s at the end, %s at most", words.ByteSize(u.BeforeBytes), words.ByteSize(u.EndBytes), words.ByteSize(u.PeakBytes))
	}
	if u.BytesPerSession > 0 {
		add("Memory a session", "%s", words.ByteSize(u.BytesPerSession))
	}
	if u.OpenFiles > 0 {
		add("Open files", "%s at most", words.Grouped(u.OpenFiles))
	}
	if u.GCs > 0 {
		add("Garbage collection", "%s, which stopped it for %.1f ms in all", words.Counted(u.GCs, "collection", "collections"), u.GCMs)
	}
	if u.Failed > 0 {
		add("Not read", "%s of %s: %s", words.Grouped(u.Failed), words.Grouped(u.Failed+u.Readings), words.Printable(u.Failure))
	}
	return facts
}

// TargetUseWords says the same in a sentence; "" when nobody watched.
func TargetUseWords(u *reports.TargetUse) string {
	var parts []string
	for _, f := range TargetUseFacts(u) {
		name := f.Name
		if !strings.HasPrefix(name, "CPU") {
			name = strings.ToLower(name)
		}
		parts = append(parts, name+" "+f.Value)
	}
	return strings.Join(parts, "; ")
}
