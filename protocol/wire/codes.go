package wire

// Code is the result of a login, an error response, a kick-out or a client's own
// operation (docs/protocol.md §1).
type Code int32

// Result codes. 0 to 1024 are reserved by the protocol.
const (
	CodeOK                   Code = 0
	CodeNotLoggedIn          Code = 1 // reported by the client itself
	CodeUnknownError         Code = 2
	CodeSendFailed           Code = 3
	CodeInvalidMessage       Code = 4
	CodeConnectionBroken     Code = 201 // connection to the server broken
	CodeCannotConnect        Code = 202
	CodeClientNotInitialised Code = 203
	CodeNetworkDown          Code = 204
	CodeServerNotSet         Code = 205
	CodeServerNotLoggedIn    Code = 301 // reported by the server for a session that is not logged in

	// CodeFirstApplication is the lowest code with which an application may refuse
	// a login.
	CodeFirstApplication Code = 1025
)

// Codes of a kick-out (§1, type 54). Other values are the application's.
const (
	KickDuplicateLogin Code = 1
	KickAdministrator  Code = 2
)
