package wire_test

import (
	"errors"
	"testing"

	"imcheck/protocol/wire"
)

// body is one of the texts that dataContent may hold.
type body interface {
	comparable
	Append(b []byte) []byte
}

// bodyCase is a body and its text, in the form that a server writes.
type bodyCase[B body] struct {
	body B
	text string
}

// checkBody checks that each body is encoded as its text and decoded from it, that
// no part of the text is accepted, and that the errors are bad messages.
func checkBody[B body](t *testing.T, parse func(string) (B, error), cases []bodyCase[B]) {
	t.Helper()
	for _, c := range cases {
		if got := string(c.body.Append(nil)); got != c.text {
			t.Errorf("%+v\n is written %s\nwant       %s", c.body, got, c.text)
		}
		if got, err := parse(c.text); err != nil || got != c.body {
			t.Errorf("%s\nis read %+v, %v\nwant    %+v", c.text, got, err, c.body)
		}
		for n := range len(c.text) {
			checkRefused(t, parse, c.text[:n])
		}
	}
	for _, text := range []string{"", "null", "[]", "5", `"x"`, "not json", `{}{}`, `{"x":}`} {
		checkRefused(t, parse, text)
	}
	var zero B
	if got, err := parse("{}"); err != nil || got != zero {
		t.Errorf("{} is read %+v, %v; want the zero value", got, err)
	}
}

// checkRefused checks that text is a bad message and that nothing of it is kept.
func checkRefused[B body](t *testing.T, parse func(string) (B, error), text string) {
	t.Helper()
	var zero B
	got, err := parse(text)
	if !errors.Is(err, wire.ErrBadMessage) {
		t.Errorf("%q: error %v, want ErrBadMessage", text, err)
	}
	if got != zero {
		t.Errorf("%q is refused, yet something was returned: %+v", text, got)
	}
}

func TestLoginInfo(t *testing.T) {
	id, token := wire.Some("u1"), wire.Some("t")
	checkBody(t, wire.ParseLoginInfo, []bodyCase[wire.LoginInfo]{
		{wire.LoginInfo{UserID: id, Token: token}, `{"loginUserId":"u1","loginToken":"t","firstLoginTime":0}`},
		{wire.LoginInfo{UserID: id, Token: token, Extra: wire.Some("<x>"), FirstLoginTime: 1795383701479},
			`{"loginUserId":"u1","loginToken":"t","extra":"\u003cx\u003e","firstLoginTime":1795383701479}`},
		{wire.LoginInfo{Token: token}, `{"loginToken":"t","firstLoginTime":0}`},
		{wire.LoginInfo{UserID: wire.Some(""), FirstLoginTime: -1}, `{"loginUserId":"","firstLoginTime":-1}`},
		{wire.LoginInfo{}, `{"firstLoginTime":0}`},
	})
	for _, text := range []string{`{"loginUserId":"u","loginToken":[]}`, `{"loginUserId":{}}`, `{"extra":{}}`, `{"firstLoginTime":"x"}`, `{"firstLoginTime":1.5}`} {
		checkRefused(t, wire.ParseLoginInfo, text)
	}
}

func TestLoginResponse(t *testing.T) {
	checkBody(t, wire.ParseLoginResponse, []bodyCase[wire.LoginResponse]{
		{wire.LoginResponse{FirstLoginTime: 1795383701479}, `{"code":0,"firstLoginTime":1795383701479}`},
		{wire.LoginResponse{Code: 1025, FirstLoginTime: -1}, `{"code":1025,"firstLoginTime":-1}`},
	})
	for _, text := range []string{`{"firstLoginTime":1,"code":"x"}`, `{"code":2147483648}`, `{"firstLoginTime":true}`} {
		checkRefused(t, wire.ParseLoginResponse, text)
	}
}

func TestErrorResponse(t *testing.T) {
	checkBody(t, wire.ParseErrorResponse, []bodyCase[wire.ErrorResponse]{
		{wire.ErrorResponse{Code: 301, Message: wire.Some(`{"type":1}`)}, `{"errorCode":301,"errorMsg":"{\"type\":1}"}`},
		{wire.ErrorResponse{Code: 301, Message: wire.Some("")}, `{"errorCode":301,"errorMsg":""}`},
		{wire.ErrorResponse{Code: 4}, `{"errorCode":4}`},
	})
	for _, text := range []string{`{"errorCode":301,"errorMsg":{}}`, `{"errorCode":false}`} {
		checkRefused(t, wire.ParseErrorResponse, text)
	}
}

func TestKickout(t *testing.T) {
	checkBody(t, wire.ParseKickout, []bodyCase[wire.Kickout]{
		{wire.Kickout{Code: wire.KickDuplicateLogin}, `{"code":1}`},
		{wire.Kickout{Code: wire.KickAdministrator, Reason: wire.Some("it's over")}, `{"code":2,"reason":"it\u0027s over"}`},
		{wire.Kickout{Code: -7, Reason: wire.Some("")}, `{"code":-7,"reason":""}`},
	})
	for _, text := range []string{`{"code":1,"reason":[]}`, `{"code":{}}`} {
		checkRefused(t, wire.ParseKickout, text)
	}
}

// Bodies are read as leniently as messages.
func TestBodiesAreLenient(t *testing.T) {
	want := wire.LoginInfo{UserID: wire.Some("u1"), FirstLoginTime: 7}
	got, err := wire.ParseLoginInfo(` {loginUserId:'u1', "loginToken":null, "device":{"os":["x"]}, "firstLoginTime":"7"} `)
	if err != nil || got != want {
		t.Errorf("got %+v, %v; want %+v", got, err, want)
	}
}
