// Package wire encodes and decodes MobileIMSDK messages: the message itself, the
// bodies inside its dataContent, the result codes, and the framing of TCP.
//
// Everything here follows docs/protocol.md §1 and §2. The encoder writes what a 6.x
// server was observed to write, byte for byte; the decoder accepts and refuses
// what that server does. Where nothing was observed it makes choices of its own,
// which TestDecodeChoices lists.
// The package imports the standard library only, and does no I/O.
package wire
