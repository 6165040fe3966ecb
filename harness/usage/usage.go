// Package usage reads how much a process under test uses of its machine: by its number, or
// from the metrics that it serves.
package usage

import (
	"context"
	"time"
)

// Unknown is the value of a figure that a source does not have.
const Unknown = -1

// Reading is what a process has used up to a moment. Each figure may be Unknown.
type Reading struct {
	At        time.Time
	CPU       time.Duration // on all processors together
	Resident  int64         // memory in bytes, now
	OpenFiles int64         // now
	GCs       int64         // garbage collections
	GCTime    time.Duration // for which they stopped the process
}

// Source is where readings of one process come from.
type Source interface {
	// Read takes a reading. The error says why there is none, and what to do about it.
	Read(context.Context) (Reading, error)
	// String names the source, such as "process 4711".
	String() string
}
