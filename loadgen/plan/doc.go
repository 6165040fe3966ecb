// Package plan computes, without clock or I/O, what a load does: when each client logs
// in and each message is due, who sends it to whom, which part of it one process and one
// of its workers does, and what messages carry so that their latency can be measured
// without anybody keeping a record of them.
//
// Nothing in it depends on what has happened so far: the arrivals of an open model do
// not drift, and the shards of a run agree without talking to each other.
package plan
