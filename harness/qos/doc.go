// Package qos is the delivery guarantee of docs/protocol.md §4 as rules without
// I/O: a Sender keeps what waits for its ACK and says when to send it again or
// to give it up, a Receiver remembers fingerprints so that a message is shown
// once. Servers and clients use the same two with their own policies.
//
// Nothing here reads a clock, starts a goroutine or locks: the caller hands in
// now, which must not go backwards.
package qos
