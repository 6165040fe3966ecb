package machine

import (
	"bytes"
	"io/fs"
	"path"
	"strconv"
	"time"
)

// Starvation is for how long something else had the processors while they were wanted.
// Each is 0 if the system does not report it.
type Starvation struct {
	// Waited is the time for which threads of this process could have run, but others had
	// the processors. The times of several threads add up.
	Waited time.Duration
	// Stolen is the time for which the host of a virtual machine did not run its
	// processors although they had work. Those of several processors add up.
	Stolen time.Duration
}

// Starved returns the starvation so far. root is the root of the file system,
// os.DirFS("/").
//
// The files are Linux's (proc_pid_schedstat(5), proc_stat(5)).
func Starved(root fs.FS) Starvation {
	return Starvation{Waited: waited(root), Stolen: stolen(root)}
}

// Since returns the starvation since an earlier time.
func (s Starvation) Since(earlier Starvation) Starvation {
	return Starvation{max(0, s.Waited-earlier.Waited), max(0, s.Stolen-earlier.Stolen)}
}

// waited adds up the second figure of each thread's statistics, which is in nanoseconds.
func waited(root fs.FS) (sum time.Duration) {
	const threads = "proc/self/task"
	entries, err := fs.ReadDir(root, threads)
	if err != nil {
		return 0
	}
	for _, thread := range entries {
		text, err := fs.ReadFile(root, path.Join(threads, thread.Name(), "schedstat"))
		if err != nil {
			continue // it has ended
		}
		sum += time.Duration(figure(text, 1))
	}
	return sum
}

// stolen reads the eighth figure of the line of all processors, which is in ticks.
func stolen(root fs.FS) time.Duration {
	const tick = time.Second / 100 // on every platform of Linux that Go has
	text, err := fs.ReadFile(root, "proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	return time.Duration(figure(line, 8)) * tick // after the name
}

// figure returns a field of a line that is separated by blanks, 0 when it has no such
// number.
func figure(line []byte, index int) int64 {
	fields := bytes.Fields(line)
	if index >= len(fields) {
		return 0
	}
	n, err := strconv.ParseInt(string(fields[index]), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
