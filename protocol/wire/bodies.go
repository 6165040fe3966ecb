package wire

import "strconv"

// LoginInfo is the content of a login (docs/protocol.md §1, type 0).
type LoginInfo struct {
	UserID         Text  // "loginUserId"; a login without one gets no response (§3)
	Token          Text  // "loginToken"
	Extra          Text  // "extra", may be absent
	FirstLoginTime int64 // ms since the Unix epoch; 0 at a first login, else the server's answer to it
}

// Append appends the body as JSON.
func (l LoginInfo) Append(b []byte) []byte {
	var members membersWriter
	b = append(b, '{')
	b = members.text(b, `"loginUserId":`, l.UserID)
	b = members.text(b, `"loginToken":`, l.Token)
	b = members.text(b, `"extra":`, l.Extra)
	b = members.int(b, `"firstLoginTime":`, l.FirstLoginTime)
	return append(b, '}')
}

// ParseLoginInfo reads the content of a login. Its errors match ErrBadMessage.
func ParseLoginInfo(content string) (LoginInfo, error) {
	return parseBody(content, func(l *LoginInfo, name string, v value) (err error) {
		switch name {
		case "loginUserId":
			l.UserID, err = v.string(name)
		case "loginToken":
			l.Token, err = v.string(name)
		case "extra":
			l.Extra, err = v.string(name)
		case "firstLoginTime":
			l.FirstLoginTime, err = v.int64(name)
		}
		return err
	})
}

// LoginResponse is the content of a login response (§1, type 50).
type LoginResponse struct {
	Code           Code
	FirstLoginTime int64 // ms since the Unix epoch; -1 when refused
}

// Append appends the body as JSON.
func (l LoginResponse) Append(b []byte) []byte {
	var members membersWriter
	b = append(b, '{')
	b = members.int(b, `"code":`, int64(l.Code))
	b = members.int(b, `"firstLoginTime":`, l.FirstLoginTime)
	return append(b, '}')
}

// ParseLoginResponse reads the content of a login response. Its errors match
// ErrBadMessage.
func ParseLoginResponse(content string) (LoginResponse, error) {
	return parseBody(content, func(l *LoginResponse, name string, v value) (err error) {
		switch name {
		case "code":
			l.Code, err = v.code(name)
		case "firstLoginTime":
			l.FirstLoginTime, err = v.int64(name)
		}
		return err
	})
}

// ErrorResponse is the content of an error response (§1, type 52).
type ErrorResponse struct {
	Code    Code
	Message Text // for CodeServerNotLoggedIn the offending message, re-encoded
}

// Append appends the body as JSON.
func (e ErrorResponse) Append(b []byte) []byte {
	var members membersWriter
	b = append(b, '{')
	b = members.int(b, `"errorCode":`, int64(e.Code))
	b = members.text(b, `"errorMsg":`, e.Message)
	return append(b, '}')
}

// ParseErrorResponse reads the content of an error response. Its errors match
// ErrBadMessage.
func ParseErrorResponse(content string) (ErrorResponse, error) {
	return parseBody(content, func(e *ErrorResponse, name string, v value) (err error) {
		switch name {
		case "errorCode":
			e.Code, err = v.code(name)
		case "errorMsg":
			e.Message, err = v.string(name)
		}
		return err
	})
}

// Kickout is the content of a kick-out (§1, type 54).
type Kickout struct {
	Code   Code // KickDuplicateLogin, KickAdministrator or the application's
	Reason Text
}

// Append appends the body as JSON.
func (k Kickout) Append(b []byte) []byte {
	var members membersWriter
	b = append(b, '{')
	b = members.int(b, `"code":`, int64(k.Code))
	b = members.text(b, `"reason":`, k.Reason)
	return append(b, '}')
}

// ParseKickout reads the content of a kick-out. Its errors match ErrBadMessage.
func ParseKickout(content string) (Kickout, error) {
	return parseBody(content, func(k *Kickout, name string, v value) (err error) {
		switch name {
		case "code":
			k.Code, err = v.code(name)
		case "reason":
			k.Reason, err = v.string(name)
		}
		return err
	})
}

func (v value) code(field string) (Code, error) {
	n, err := v.int32(field)
	return Code(n), err
}

// parseBody reads a body and hands each of its members to set.
func parseBody[T any](content string, set func(body *T, name string, v value) error) (T, error) {
	var body, none T
	p := parser{s: content}
	err := p.object(func(name string, v value) error { return set(&body, name, v) })
	if err != nil {
		return none, err
	}
	return body, nil
}

// membersWriter writes the commas between the members of a body.
type membersWriter struct{ started bool }

func (w *membersWriter) key(b []byte, key string) []byte {
	if w.started {
		b = append(b, ',')
	}
	w.started = true
	return append(b, key...)
}

func (w *membersWriter) int(b []byte, key string, n int64) []byte {
	return strconv.AppendInt(w.key(b, key), n, 10)
}

func (w *membersWriter) text(b []byte, key string, t Text) []byte {
	if !t.present {
		return b
	}
	return appendQuoted(w.key(b, key), t.value)
}
