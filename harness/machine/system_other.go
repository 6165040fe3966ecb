//go:build !unix

package machine

// OpenFileLimit returns no limit, as the system has none.
func OpenFileLimit() (soft, hard uint64, known bool) { return 0, 0, false }

// raiseOpenFileLimit does nothing.
func raiseOpenFileLimit() error { return nil }

// CPUSeconds is unknown on this system.
func CPUSeconds() float64 { return 0 }
