// Package client implements the client's side of the protocol without I/O
// (docs/protocol.md §3 and §4): logins, keep-alives, reconnects, retransmission and
// the recognition of duplicates.
//
// Every method takes the time and appends Effects. Anything with connections and a
// clock can drive it: harness/peer does with a goroutine, a swarm with an event loop.
package client
