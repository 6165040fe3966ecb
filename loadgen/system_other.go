//go:build !unix

package loadgen

// openFileLimit: the system has no such limit.
func openFileLimit() (soft, hard uint64, known bool) { return 0, 0, false }

// raiseOpenFileLimit has nothing to raise.
func raiseOpenFileLimit() error { return nil }

// cpuSeconds is not known here.
func cpuSeconds() float64 { return 0 }

// ephemeralPorts is how many ports of an address the system gives to
// connections by itself.
func ephemeralPorts() int { return dynamicPorts }
