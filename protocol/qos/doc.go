// Package qos is the delivery guarantee of docs/protocol.md §4 as rules without
// I/O: a Sender keeps what waits for its ACK and says when to send it again or
// to give it up, a Receiver remembers fingerprints so that a message is shown
// once. Clients use both; the reference server uses the Sender with a policy of its
// own, and remembers fingerprints itself, as it bounds them for each session.
//
// Nothing here reads a clock, starts a goroutine or locks: the caller hands in
// now, which must not go backwards.
package qos
