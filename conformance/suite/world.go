package suite

import "context"

// World is a target and how cases reach it. One run after the other may use it.
type World interface {
	// Start prepares a run before any case begins. What it starts ends with ctx. nonce is
	// to be in the IDs of all users of the run, so that two runs do not meet. An error
	// ends the run; Start may be called again when this process was stopped meanwhile.
	Start(ctx context.Context, nonce string, timeouts Timeouts) error
	// Stop waits, after the end of Start's context, until nothing of the run is left.
	Stop()
	// Has reports whether the target has a capability that a case needs.
	Has(capability string) bool
	// Probe reports whether the target is still there. It takes no longer than
	// ProbeTime for each transport.
	Probe(ctx context.Context) error
	// NewScene returns what an attempt works with. It may set the attempt's Tolerance,
	// PathDelay and Slowness.
	NewScene(a *Attempt) Scene
}

// Scene is the test context of one attempt of a case, of the type that the functions of
// its World's cases take. Its methods may end the case.
type Scene interface {
	// Settle does the last checks of a case that went well.
	Settle()
	// PathTrouble describes a fault of the path to the target by which it may have lost
	// or doubled a single datagram, "" when the path is good.
	PathTrouble() string
	// Close gives back what the attempt has open. It may be called twice.
	Close()
}
