// Package suite runs conformance cases and reports what they came to. It knows neither
// the server nor the client end of the protocol: a World gives each case what it needs
// to talk to the target. Package server is the World of cases against a server.
//
// All cases of a run start together and wait together, each with users and connections
// of its own, so that a run takes as long as its longest wait. The clock is that of the
// time package: inside a testing/synctest bubble, over a network in memory, the same
// cases run in virtual time.
package suite
