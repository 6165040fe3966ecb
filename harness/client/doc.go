// Package client is the client's side of the protocol: Client has its rules
// without I/O (docs/protocol.md §3 and §4), Run drives one of them over a real
// connection. Anything else that has connections and a clock, such as a swarm
// with an event loop, can drive the rules just as well.
package client
