package machine

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
)

// OpenFiles returns the number of files that this process has open, or 0 if the system
// does not report it.
func OpenFiles() int64 {
	folder, err := os.Open("/proc/self/fd")
	if err != nil {
		return 0
	}
	defer folder.Close()
	names, err := folder.Readdirnames(-1)
	if err != nil {
		return 0
	}
	return int64(len(names)) - 1 // without the folder itself
}

// ResidentBytes returns the resident size of this process in bytes, or 0 if the system
// does not report it.
func ResidentBytes() int64 {
	n, err := residentBytes("self")
	if err != nil {
		return 0
	}
	return n
}

// ResidentBytesOf returns the resident size of a process in bytes. The error says that
// there is no such process, or that the system does not report it.
func ResidentBytesOf(pid int) (int64, error) { return residentBytes(strconv.Itoa(pid)) }

// residentBytes reads the second field of /proc/PID/statm (proc(5)).
func residentBytes(process string) (int64, error) {
	text, err := os.ReadFile("/proc/" + process + "/statm")
	if err != nil {
		return 0, fmt.Errorf("resident memory of process %s: %w", process, err)
	}
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0, fmt.Errorf("resident memory of process %s: the system reports %q", process, text)
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("resident memory of process %s: %w", process, err)
	}
	return pages * int64(os.Getpagesize()), nil
}
