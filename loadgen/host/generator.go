package host

import (
	"fmt"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/harness/machine"
	"imcheck/loadgen/plan"
	"imcheck/reports"
)

// LatenessBound bounds the lateness of one send in a hundred; beyond it the figures of
// a run describe the generator rather than the target.
const LatenessBound = time.Millisecond

// Generator judges how the generator kept up with its own schedule. lateness is that of
// its sends in microseconds, dropped counts those that were left out.
func Generator(lateness *hdrhistogram.Histogram, dropped int64) reports.Generator {
	g := reports.Generator{
		LatenessP50Us: lateness.ValueAtPercentile(50), LatenessP99Us: lateness.ValueAtPercentile(99),
		LatenessMaxUs: lateness.Max(), DroppedArrivals: dropped,
	}
	var evidence []string
	if late := time.Duration(g.LatenessP99Us) * time.Microsecond; late > LatenessBound {
		evidence = append(evidence, fmt.Sprintf("1 send in 100 went out more than %v late (at most %v is allowed for)", late.Round(100*time.Microsecond), LatenessBound))
	}
	if dropped > 0 {
		sends := "1 send was"
		if dropped > 1 {
			sends = fmt.Sprintf("%d sends were", dropped)
		}
		evidence = append(evidence, fmt.Sprintf("%s left out because they were more than %v late", sends, plan.DropAfter))
	}
	g.Bottleneck = len(evidence) > 0
	g.BottleneckEvidence = strings.Join(evidence, ", and ")
	return g
}

// ExplainBottleneck adds to the evidence what may have caused it. processors is how many
// this process may use at once, which in a container is less than the machine has.
func ExplainBottleneck(g *reports.Generator, elapsed time.Duration, processors int) {
	if !g.Bottleneck || elapsed <= 0 {
		return
	}
	share := 100 * g.CPUSeconds / (elapsed.Seconds() * float64(processors))
	pause := time.Duration(g.GCPauseMaxUs) * time.Microsecond
	g.BottleneckEvidence += fmt.Sprintf("; this process used %.0f %% of %d CPUs, and its garbage collection paused it for up to %v",
		share, processors, pause.Round(10*time.Microsecond))
	if g.ThrottledMs > 0 {
		g.BottleneckEvidence += fmt.Sprintf("; the CPU quota of its container kept its threads from running for %.1f s in all", float64(g.ThrottledMs)/1000)
	}
	if g.WaitedMs > 0 {
		g.BottleneckEvidence += fmt.Sprintf("; its threads waited %.1f s in all for processors that others had", float64(g.WaitedMs)/1000)
	}
	if g.StolenMs > 0 {
		g.BottleneckEvidence += fmt.Sprintf("; the host of this virtual machine kept its processors from running for %.1f s in all", float64(g.StolenMs)/1000)
	}
}

// NotePause enters the longest pause of this process, which its figures and its sessions
// do not outlive.
func NotePause(g *reports.Generator, pauses *machine.Pauses) {
	longest, found := pauses.Longest()
	if !found {
		return
	}
	g.PausedMs = longest.Length.Milliseconds()
	if g.BottleneckEvidence != "" {
		g.BottleneckEvidence = ", and " + g.BottleneckEvidence
	}
	g.Bottleneck, g.BottleneckEvidence = true, longest.String()+g.BottleneckEvidence
}
