package machine

import (
	"bytes"
	"os"
	"strconv"
)

// OpenFiles is how many files this process has open, 0 where the system does
// not tell it in this way.
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

// ResidentBytes is the resident size of the process, 0 where the system does
// not tell it in this way.
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
