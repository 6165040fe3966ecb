// Package websocket implements the frames of WebSocket (RFC 6455) for both ends
// of a connection, as docs/protocol.md §2 uses them, without I/O: it encodes
// frames, reads messages and control frames out of the bytes that were received,
// and chooses the frame that answers a control frame. Dialing, the HTTP upgrade and
// the writing are up to its users.
package websocket
