// Package client has the client's side of the protocol without I/O (docs/protocol.md §3
// and §4): when it logs in, beats, gives a connection up, sends again and drops a copy.
//
// Every method takes the time and appends Effects. Whatever has connections and a clock
// can drive it: harness/peer does with a goroutine, a swarm with an event loop.
package client
