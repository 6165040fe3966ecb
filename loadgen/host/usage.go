package host

import (
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"imcheck/harness/machine"
	"imcheck/reports"
)

// Usage is the resources that the process has used so far.
type Usage struct {
	Processors int   // processors that may be used at once
	Resident   int64 // bytes; 0 when unknown

	throttled  time.Duration // by a CPU quota
	starved    machine.Starvation
	cpuSeconds float64
	gcs        uint32
	gcPause    time.Duration
}

// TakeUsage measures before the first client. Memory that was used earlier and
// is free again would let the clients look smaller than they are, so it is
// given back to the system first.
func TakeUsage() Usage {
	debug.FreeOSMemory()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return Usage{
		Processors: runtime.GOMAXPROCS(0),
		throttled:  machine.Throttled(os.DirFS("/")),
		starved:    machine.Starved(os.DirFS("/")),
		cpuSeconds: machine.CPUSeconds(), Resident: machine.ResidentBytes(),
		gcs: memory.NumGC, gcPause: time.Duration(memory.PauseTotalNs),
	}
}

// Since enters what the process has used up since an earlier time.
func (u Usage) Since(g *reports.Generator) {
	g.CPUSeconds = machine.CPUSeconds() - u.cpuSeconds
	g.ThrottledMs = (machine.Throttled(os.DirFS("/")) - u.throttled).Milliseconds()
	starved := machine.Starved(os.DirFS("/")).Since(u.starved)
	g.WaitedMs, g.StolenMs = starved.Waited.Milliseconds(), starved.Stolen.Milliseconds()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	g.GCs = int64(memory.NumGC - u.gcs)
	g.GCPauseTotalUs = (time.Duration(memory.PauseTotalNs) - u.gcPause).Microseconds()
	kept := uint32(len(memory.PauseNs)) // the latest ones, in a ring
	for n := max(u.gcs, memory.NumGC-min(kept, memory.NumGC)); n < memory.NumGC; n++ {
		g.GCPauseMaxUs = max(g.GCPauseMaxUs, time.Duration(memory.PauseNs[n%kept]).Microseconds())
	}
}

// BytesPerClient returns the growth of the resident size in bytes for each client since an
// earlier time, 0 when it is not known.
func (u Usage) BytesPerClient(after int64, clients int) int64 {
	if u.Resident == 0 || after == 0 {
		return 0
	}
	return max(0, after-u.Resident) / int64(clients)
}
