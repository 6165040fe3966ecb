// Package driverapi has the messages of the driver contract (docs/contracts.md, part B)
// without I/O: the commands for a client under test, its events, and a reader of either
// that bounds what a driver may write.
package driverapi
