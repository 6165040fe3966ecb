// Package operation is what the operator of a reference server sees of it: a log of sessions and
// limits, metrics, and whether it is alive and ready.
package operation
