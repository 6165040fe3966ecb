// Package server implements the server's side of the protocol without I/O: logins and
// sessions, the routing of messages, their acknowledgement and retransmission, and
// the expiry of sessions (docs/protocol.md §3 to §5).
//
// Every method takes the time and returns Effects: messages to send, sessions
// to close, events for the application. The caller owns sockets, locks and
// clocks. Methods must not be called concurrently, and now must not go backwards.
package server
