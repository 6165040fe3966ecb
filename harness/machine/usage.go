package machine

import (
	"bytes"
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
