// Package capacity finds the highest load at which all thresholds of a run hold. Search is
// the search as rules without I/O: it is told what a step came to, and says which one is
// next. Run does its steps, each of which is a run of the swarm of its own.
package capacity
