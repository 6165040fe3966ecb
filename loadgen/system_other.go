//go:build !unix

package loadgen

// OpenFileLimit does not know one: the system has no such limit.
func OpenFileLimit() (soft, hard uint64, known bool) { return 0, 0, false }

// raiseOpenFileLimit has nothing to raise.
func raiseOpenFileLimit() error { return nil }

// cpuSeconds is not known here.
func cpuSeconds() float64 { return 0 }
