package websocket

import "encoding/binary"

// CloseCode is the status code of a close frame (RFC 6455 §7.4). The zero value
// means that a close frame has no code.
type CloseCode uint16

// Close codes of servers (RFC 6455 §7.4.1).
const (
	CloseNormal        CloseCode = 1000 // not an error
	CloseGoingAway     CloseCode = 1001
	CloseProtocolError CloseCode = 1002 // a frame that RFC 6455 forbids
	CloseMessageTooBig CloseCode = 1009
	CloseInternalError CloseCode = 1011
)

// MaySend reports whether a close frame may carry the code (RFC 6455 §7.4).
func (c CloseCode) MaySend() bool {
	return 1000 <= c && c <= 1003 || 1007 <= c && c <= 1014 || 3000 <= c && c <= 4999
}

// maxCloseText is the longest text of a close frame in bytes.
const maxCloseText = MaxControlPayload - 2

// ClosePayload returns the payload of a close frame with a code and a text. It
// cuts a text of more than 123 bytes, and is empty for code 0.
func ClosePayload(code CloseCode, text string) []byte {
	if code == 0 {
		return nil
	}
	return append(binary.BigEndian.AppendUint16(nil, uint16(code)), text[:min(len(text), maxCloseText)]...)
}

// ParseClose returns the code in the payload of a close frame, or 0 if there is
// none.
func ParseClose(payload []byte) CloseCode {
	if len(payload) < 2 {
		return 0
	}
	return CloseCode(binary.BigEndian.Uint16(payload))
}
