// Package swarm runs the clients of a load: thousands that log in, keep their heartbeat
// and send messages on a schedule, and an account of what became of it all.
//
// Each worker drives its share of the clients on one goroutine, by the client's rules
// (protocol/client). Its parts are in this order, and know those before them only:
//
//   - the roster has the clients, and a timing wheel of what is due for them
//   - path books enter what the run's own impairment of the path does, if there is one
//   - message and session books enter what becomes of messages and sessions
//   - the driver does what the rules of a client want, over the connections of an engine
//   - the sender sends the messages of the schedule
//   - the worker does what is due, and lets the scenario's behaviour do its part
//
// A supervisor watches over the workers and the time, and a reporter adds up what they
// noted.
//
// The load follows an open model: messages are due whatever became of earlier ones,
// which rules out coordinated omission. Latency is measured twice: since a message was
// sent, and since it was due. The second one shows a stall of either end, which the first
// one hides.
package swarm
