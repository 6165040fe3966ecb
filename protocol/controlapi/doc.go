// Package controlapi is the contract of the control API of a server under test
// (docs/contracts.md, part A): the paths of its calls, their JSON, and the names of
// capabilities and events. Both ends use it, and share nothing else: the reference
// server's control package serves the API, harness/target calls it.
package controlapi
