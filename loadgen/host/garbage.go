package host

import (
	"os"
	"runtime/debug"
)

const (
	// ManyClients is the number of clients from which garbage is collected more often: as
	// much garbage as there are clients would double what each takes.
	ManyClients = 100_000
	// garbagePercent is the garbage that may wait then, as a share of what is in use. So
	// much of it is produced by half a million heartbeats.
	garbagePercent = 40
)

// RestrainGarbage has garbage collected more often while a process has so many clients,
// unless it is few or the user has set GOGC. The result ends that.
func RestrainGarbage(clients int) (restore func()) {
	if _, set := os.LookupEnv("GOGC"); set || clients < ManyClients {
		return func() {}
	}
	before := debug.SetGCPercent(garbagePercent)
	return func() { debug.SetGCPercent(before) }
}
