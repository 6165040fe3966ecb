//go:build !linux

package transport

// newStreamLoops returns nil: each link has a goroutine here.
func newStreamLoops(*streamListener, Handler) streamLoops { return nil }
