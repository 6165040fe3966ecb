// Package server is the world of conformance cases against a server: a Scene has
// connections to the target, each a Peer whose methods send, wait and end the case when
// the target does not do what they expect, and the target's control API, if it has one.
// The cases themselves are in package servercases.
package server
