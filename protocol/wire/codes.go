package wire

// Code is a result: of a login, of an error response, of a kick-out or of a
// client's own operation (docs/protocol.md §1).
type Code int32

// Result codes. 0 to 1024 are reserved by the protocol.
const (
	CodeOK                   Code = 0
	CodeNotLoggedIn          Code = 1 // the client's own: it has not logged in
	CodeUnknownError         Code = 2
	CodeSendFailed           Code = 3
	CodeInvalidMessage       Code = 4
	CodeConnectionBroken     Code = 201 // connection to the server broken
	CodeCannotConnect        Code = 202
	CodeClientNotInitialised Code = 203
	CodeNetworkDown          Code = 204
	CodeServerNotSet         Code = 205
	CodeServerNotLoggedIn    Code = 301 // the server's: this session is not logged in

	// CodeFirstApplication is the lowest verdict that an application may give
	// a login that it refuses.
	CodeFirstApplication Code = 1025
)

// Codes of a kick-out (§1, type 54). Other values are the application's.
const (
	KickDuplicateLogin Code = 1
	KickAdministrator  Code = 2
)
