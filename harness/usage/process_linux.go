package usage

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/prometheus/procfs"
)

// process is a process of this machine (proc_pid_stat(5)).
type process struct {
	proc    procfs.Proc
	started uint64 // ticks since the boot, which distinguish it from a later one with its number
}

// Process returns the source of a process of this machine. The error says that there is
// none with this number.
func Process(pid int) (Source, error) {
	proc, err := procfs.NewProc(pid)
	if err != nil {
		return nil, fmt.Errorf("there is no process %d: give the number of one that runs", pid)
	}
	stat, err := proc.Stat()
	if err != nil {
		return nil, fmt.Errorf("process %d: %w", pid, err)
	}
	return &process{proc, stat.Starttime}, nil
}

// Read implements Source.
func (p *process) Read(context.Context) (Reading, error) {
	stat, err := p.proc.Stat()
	switch {
	case errors.Is(err, os.ErrNotExist) || err == nil && stat.Starttime != p.started:
		return Reading{}, fmt.Errorf("%s has ended", p)
	case err != nil:
		return Reading{}, fmt.Errorf("%s: %w", p, err)
	}
	reading := Reading{
		At: time.Now(), CPU: time.Duration(stat.CPUTime() * float64(time.Second)), Resident: int64(stat.ResidentMemory()),
		OpenFiles: Unknown, GCs: Unknown, GCTime: Unknown,
	}
	if files, err := p.proc.FileDescriptorsLen(); err == nil { // of other users only root may see them
		reading.OpenFiles = int64(files)
	}
	return reading, nil
}

// String implements Source.
func (p *process) String() string { return fmt.Sprintf("process %d", p.proc.PID) }
