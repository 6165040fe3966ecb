package swarm

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/harness/machine"
	"imcheck/reports"
)

// latenessBound bounds the lateness of one send in a hundred; beyond it the figures of
// a run describe the generator rather than the target.
const latenessBound = time.Millisecond

// observeSelf judges how the generator kept up with its own schedule.
func observeSelf(lateness *hdrhistogram.Histogram, dropped int64) reports.Generator {
	g := reports.Generator{
		LatenessP50Us: lateness.ValueAtPercentile(50), LatenessP99Us: lateness.ValueAtPercentile(99),
		LatenessMaxUs: lateness.Max(), DroppedArrivals: dropped,
	}
	var evidence []string
	if late := time.Duration(g.LatenessP99Us) * time.Microsecond; late > latenessBound {
		evidence = append(evidence, fmt.Sprintf("1 send in 100 went out more than %v late (at most %v is allowed for)", late.Round(100*time.Microsecond), latenessBound))
	}
	if dropped > 0 {
		sends := "1 send was"
		if dropped > 1 {
			sends = fmt.Sprintf("%d sends were", dropped)
		}
		evidence = append(evidence, fmt.Sprintf("%s left out because they were more than %v late", sends, dropAfter))
	}
	g.Bottleneck = len(evidence) > 0
	g.BottleneckEvidence = strings.Join(evidence, ", and ")
	return g
}

// explainBottleneck adds to the evidence what may have caused it. processors is how many
// this process may use at once, which in a container is less than the machine has.
func explainBottleneck(g *reports.Generator, elapsed time.Duration, processors int) {
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
}

// notePause enters the longest pause of this process, which its figures and its sessions
// do not outlive.
func notePause(g *reports.Generator, pauses *machine.Pauses) {
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

// usage is the resources that the process has used so far.
type usage struct {
	processors int           // processors that may be used at once
	throttled  time.Duration // by a CPU quota
	cpuSeconds float64
	resident   int64 // bytes; 0 when unknown
	gcs        uint32
	gcPause    time.Duration
}

// takeUsage measures before the first client. Memory that was used earlier and
// is free again would let the clients look smaller than they are, so it is
// given back to the system first.
func takeUsage() usage {
	debug.FreeOSMemory()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return usage{
		processors: runtime.GOMAXPROCS(0),
		throttled:  machine.Throttled(os.DirFS("/")),
		cpuSeconds: machine.CPUSeconds(), resident: machine.ResidentBytes(),
		gcs: memory.NumGC, gcPause: time.Duration(memory.PauseTotalNs),
	}
}

// since enters what the process has used up since an earlier time.
func (u usage) since(g *reports.Generator) {
	g.CPUSeconds = machine.CPUSeconds() - u.cpuSeconds
	g.ThrottledMs = (machine.Throttled(os.DirFS("/")) - u.throttled).Milliseconds()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	g.GCs = int64(memory.NumGC - u.gcs)
	g.GCPauseTotalUs = (time.Duration(memory.PauseTotalNs) - u.gcPause).Microseconds()
	kept := uint32(len(memory.PauseNs)) // the latest ones, in a ring
	for n := max(u.gcs, memory.NumGC-min(kept, memory.NumGC)); n < memory.NumGC; n++ {
		g.GCPauseMaxUs = max(g.GCPauseMaxUs, time.Duration(memory.PauseNs[n%kept]).Microseconds())
	}
}

// bytesPerClient is the growth of the resident size for each client, 0 when
// it is not known.
func bytesPerClient(before, after int64, clients int) int64 {
	if before == 0 || after == 0 {
		return 0
	}
	return max(0, after-before) / int64(clients)
}
