// Package server has the server's side of the protocol without I/O: what a
// session may do, who is logged in where, which message goes to whom, and when
// a session or a message is given up (docs/protocol.md §3 to §5).
//
// Every method takes the time and returns Effects: messages to send, sessions
// to close, events for the application. The caller owns sockets, locks and
// clocks. Methods must not be called at once, and now must not go backwards.
package server
