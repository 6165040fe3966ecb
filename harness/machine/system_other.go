//go:build !unix

package machine

// OpenFileLimit does not know one: the system has no such limit.
func OpenFileLimit() (soft, hard uint64, known bool) { return 0, 0, false }

// raiseOpenFileLimit has nothing to raise.
func raiseOpenFileLimit() error { return nil }

// CPUSeconds is not known here.
func CPUSeconds() float64 { return 0 }
