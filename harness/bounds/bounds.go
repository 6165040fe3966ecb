// Package bounds has the bounds of what a load generator keeps and does for its
// clients, so that no target, whatever it sends or does not read, takes memory
// or time without end. docs/performance.md has what they come to.
package bounds

// DialsAtOnce is how many connections of one event loop, or of one worker of the
// portable engine, have their handshake under way at once on each transport that
// has one: enough to keep a server's accept queue busy, few enough not to overrun
// it. The others wait in the queue of their transport. UDP has no handshake, so
// nothing of it waits.
const DialsAtOnce = 64
