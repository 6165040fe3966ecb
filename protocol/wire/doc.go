// Package wire is the MobileIMSDK message as bytes: the message itself, the
// bodies inside its dataContent, the codes, and the framing of TCP.
//
// Everything here follows docs/protocol.md §1 and §2. The encoder writes what a 6.x
// server was observed to write, byte for byte; the decoder takes what that
// server was observed to take and refuses what it was observed to refuse, with
// choices of its own where nothing was observed (TestDecodeChoices lists them).
// The package imports the standard library only, and does no I/O.
package wire
