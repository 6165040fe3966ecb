// Package conformance runs cases against a server under test and gives a
// verdict on each. A Case is data with one function; the cases themselves are
// in the package cases.
//
// All cases of a run start together and wait together, each with users and
// connections of its own, so that a run takes as long as its longest wait. The
// clock is that of the time package: inside a testing/synctest bubble, over a
// network in memory, the same cases run in virtual time.
package conformance
