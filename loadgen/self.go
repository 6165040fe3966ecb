package loadgen

import (
	"bytes"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/reports"
)

// latenessBound is how late one send in a hundred may be before the figures of
// a run describe the generator rather than the target.
const latenessBound = 10 * time.Millisecond

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
		evidence = append(evidence, counted(dropped, "send was", "sends were")+fmt.Sprintf(" left out because they were more than %v late", dropAfter))
	}
	g.Bottleneck = len(evidence) > 0
	g.BottleneckEvidence = strings.Join(evidence, ", and ")
	return g
}

// usage is what the process has used up.
type usage struct {
	cpuSeconds float64
	resident   int64 // bytes; 0 when unknown
}

// takeUsage measures before the first client. Memory that was used earlier and
// is free again would let the clients look smaller than they are, so it is
// given back to the system first.
func takeUsage() usage {
	debug.FreeOSMemory()
	return usage{cpuSeconds: cpuSeconds(), resident: residentBytes()}
}

// bytesPerClient is the growth of the resident size for each client, 0 when
// it is not known.
func bytesPerClient(before, after int64, clients int) int64 {
	if before == 0 || after == 0 {
		return 0
	}
	return max(0, after-before) / int64(clients)
}

// residentBytes is the resident size of the process, 0 where the system does
// not tell it in this way.
func residentBytes() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize())
}
