package wire

import "fmt"

// Type is the type of a message (docs/protocol.md §1).
type Type int32

// Message types. C is a client, S the server.
const (
	TypeLogin             Type = 0  // C → S
	TypeKeepAlive         Type = 1  // C → S, the heartbeat
	TypeData              Type = 2  // C → S, C → C and S → C
	TypeLogout            Type = 3  // C → S
	TypeReceived          Type = 4  // either way: the ACK
	TypeEcho              Type = 5  // C → S
	TypeLoginResponse     Type = 50 // S → C
	TypeKeepAliveResponse Type = 51 // S → C
	TypeErrorResponse     Type = 52 // S → C
	TypeEchoResponse      Type = 53 // S → C
	TypeKickout           Type = 54 // S → C
)

// Types lists every type.
var Types = []Type{
	TypeLogin, TypeKeepAlive, TypeData, TypeLogout, TypeReceived, TypeEcho,
	TypeLoginResponse, TypeKeepAliveResponse, TypeErrorResponse, TypeEchoResponse, TypeKickout,
}

// Known reports whether the protocol has the type.
func (t Type) Known() bool {
	return TypeLogin <= t && t <= TypeEcho || TypeLoginResponse <= t && t <= TypeKickout
}

var typeNames = map[Type]string{
	TypeLogin: "login", TypeKeepAlive: "keep-alive", TypeData: "data", TypeLogout: "logout",
	TypeReceived: "received", TypeEcho: "echo", TypeLoginResponse: "login response",
	TypeKeepAliveResponse: "keep-alive response", TypeErrorResponse: "error response",
	TypeEchoResponse: "echo response", TypeKickout: "kick-out",
}

// String returns the type's name in docs/protocol.md, or its number if it has none.
func (t Type) String() string {
	if name, ok := typeNames[t]; ok {
		return name
	}
	return fmt.Sprintf("type %d", int32(t))
}

// Reserved ids and default values (§1).
const (
	ServerID  = "0"  // the server, as sender or receiver
	NobodyID  = "-1" // default of from and to
	unsetInt  = -1   // default of typeu and sm
	unsetTime = -1   // firstLoginTime in a login response that refuses
)

// Text is a string field that may be absent. The zero value is absent, which
// on the wire is not the same as empty.
type Text struct {
	value   string
	present bool
}

// Some returns a present text.
func Some(value string) Text { return Text{value, true} }

// Value returns the text, or "" if it is absent.
func (t Text) Value() string { return t.value }

// Present reports whether the field is present, empty or not.
func (t Text) Present() bool { return t.present }

// Is reports whether the field is present and equals value.
func (t Text) Is(value string) bool { return t.present && t.value == value }

// Message is one message of the protocol. Messages can be compared with ==.
//
// The zero value is the message that "{}" decodes to (§1). The defaults of the
// table are set by the constructors of this package.
type Message struct {
	Bridge      bool  // crossed, or is to cross, the bridge to another server
	Type        Type  // "type"
	DataContent Text  // payload; for some types itself a JSON text
	From        Text  // sender's user id; ServerID is the server
	To          Text  // receiver's user id
	Fingerprint Text  // "fp": unique id of a QoS message
	QoS         bool  // delivery is to be acknowledged
	UserType    int32 // "typeu": the application's own message type
	ServerTime  int64 // "sm": server clock, ms since the Unix epoch; -1 unless the server stamps
}

// New returns a message of the given type with the defaults of §1.
func New(t Type, from, to string) Message {
	return Message{Type: t, From: Some(from), To: Some(to), UserType: unsetInt, ServerTime: unsetInt}
}

// NewLogin returns a client's login request (§1, type 0).
func NewLogin(info LoginInfo) Message {
	m := New(TypeLogin, info.UserID.Value(), ServerID)
	m.DataContent = Some(string(info.Append(nil)))
	return m
}

// NewKeepAlive returns a client's keep-alive (§1, type 1).
func NewKeepAlive(from string) Message {
	m := New(TypeKeepAlive, from, ServerID)
	m.DataContent = Some("{}")
	return m
}

// NewData returns a message without QoS (§1, type 2); to is ServerID for C → S, and
// from is ServerID for S → C.
func NewData(from, to, content string) Message {
	m := New(TypeData, from, to)
	m.DataContent = Some(content)
	return m
}

// NewQoSData returns a message whose delivery is to be acknowledged (§4).
func NewQoSData(from, to, content, fingerprint string) Message {
	m := NewData(from, to, content)
	m.QoS, m.Fingerprint = true, Some(fingerprint)
	return m
}

// NewLogout returns a client's logout (§1, type 3), which has no content.
func NewLogout(from string) Message { return New(TypeLogout, from, ServerID) }

// NewEcho returns a client's echo request (§1, type 5).
func NewEcho(from, content string) Message {
	m := New(TypeEcho, from, ServerID)
	m.DataContent = Some(content)
	return m
}

// NewReceived returns the ACK of m: sender and receiver are swapped, the bridge
// flag is copied, and the content is the fingerprint (§1, type 4).
func NewReceived(m Message) Message {
	ack := New(TypeReceived, "", "")
	ack.From, ack.To, ack.Bridge, ack.DataContent = m.To, m.From, m.Bridge, m.Fingerprint
	return ack
}

// NewLoginResponse returns the answer to a login (§3). One other than CodeOK is
// addressed to nobody and has no first login time.
func NewLoginResponse(user string, verdict Code, firstLoginTime int64) Message {
	if verdict != CodeOK {
		user, firstLoginTime = NobodyID, unsetTime
	}
	m := New(TypeLoginResponse, ServerID, user)
	m.DataContent = Some(string(LoginResponse{verdict, firstLoginTime}.Append(nil)))
	return m
}

// NewKeepAliveResponse returns the answer to a keep-alive of user (§3).
func NewKeepAliveResponse(user string) Message {
	m := New(TypeKeepAliveResponse, ServerID, user)
	m.DataContent = Some("{}")
	return m
}

// NewErrorResponse returns the refusal of a message, which it carries re-encoded
// as the error's text (§3).
func NewErrorResponse(code Code, offending Message) Message {
	m := New(TypeErrorResponse, ServerID, NobodyID)
	body := ErrorResponse{Code: code, Message: Some(string(offending.Append(nil)))}
	m.DataContent = Some(string(body.Append(nil)))
	return m
}

// NewEchoResponse returns the answer to an echo, which differs from it in its type
// only (§1).
func NewEchoResponse(echo Message) Message {
	echo.Type = TypeEchoResponse
	return echo
}

// NewKickout returns the message that ends a user's session (§1, type 54).
func NewKickout(user string, kick Kickout) Message {
	m := New(TypeKickout, ServerID, user)
	m.DataContent = Some(string(kick.Append(nil)))
	return m
}
