// Package loadgen is the client swarm: thousands of clients that log in, keep
// their heartbeat and send messages on a schedule, and an account of what
// became of it all.
//
// It is built from three parts that know nothing of each other's business. The
// schedule is arithmetic: when a client starts, when a message is due and who
// sends it. The workers drive the client's rules (package client) and keep the
// books; each has its own clients and one queue of what is due. The engine of a
// worker, behind a small interface, has its connections, and is where it waits:
// an event loop on Linux, elsewhere and for TLS a goroutine a connection.
//
// Latency is measured twice: since a message was sent, and since it was due.
// The second one shows a stall of either end, which the first one hides.
package loadgen
