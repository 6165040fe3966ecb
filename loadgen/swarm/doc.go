// Package swarm runs the clients of a load: thousands that log in, keep their heartbeat
// and send messages on a schedule, and an account of what became of it all.
//
// It is built from parts that know nothing of each other's business. Package plan
// computes when a client starts, when a message is due and who sends it. Package scenario
// describes what the clients do, package options what a user can say about it. Package
// books keeps the accounts. The workers of this package drive the client's rules
// (protocol/client); each has its own clients and one queue of what is due. The engine of
// a worker, a small interface, has its connections and does its waiting: an
// event loop on Linux, elsewhere and for TLS a goroutine a connection. The supervisor
// watches over them and the time.
//
// The load follows an open model: messages are due whatever became of earlier ones,
// which rules out coordinated omission.
//
// Latency is measured twice: since a message was sent, and since it was due.
// The second one shows a stall of either end, which the first one hides.
package swarm
