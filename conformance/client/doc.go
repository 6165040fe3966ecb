// Package client is the world of conformance cases against a client: a Scene plays a
// scripted server to one client under test, on a port of its own, and sees what the client
// sends and what its driver reports, each with its time. The cases themselves are in
// package clientcases.
package client
