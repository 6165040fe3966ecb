// Package qos implements the delivery guarantee of docs/protocol.md §4 without I/O: a
// Sender keeps unacknowledged messages and decides when to retransmit one and when
// to give it up, a Receiver remembers fingerprints to recognise duplicates. Clients
// use both. The server uses the Sender with a policy of its own, and remembers
// fingerprints itself, as it bounds them by session.
//
// Nothing here reads a clock, starts a goroutine or locks: the caller passes the
// time, which must not go backwards.
package qos
