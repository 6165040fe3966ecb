// Package operation shows a reference server to its operator: a log of sessions and
// limits, metrics, and whether it is alive and ready.
package operation
