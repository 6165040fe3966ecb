package wire_test

import (
	"regexp"
	"testing"

	"imcheck/protocol/wire"
)

// The forms that the transcripts show, and those of §1 that they do not.
func TestConstructors(t *testing.T) {
	login := wire.LoginInfo{UserID: wire.Some("u1"), Token: wire.Some("t"), Extra: wire.Some("e"), FirstLoginTime: 7}
	data := wire.NewQoSData("u1", "u2", "hi", "f-1")
	bridged := data
	bridged.Bridge, bridged.QoS = true, true
	tests := []struct {
		name    string
		message wire.Message
		want    string
	}{
		{"defaults", wire.New(99, "a", "b"), `{"bridge":false,"type":99,"from":"a","to":"b","QoS":false,"typeu":-1,"sm":-1}`},
		{"login", wire.NewLogin(login),
			`{"bridge":false,"type":0,"dataContent":"{\"loginUserId\":\"u1\",\"loginToken\":\"t\",\"extra\":\"e\",\"firstLoginTime\":7}","from":"u1","to":"0","QoS":false,"typeu":-1,"sm":-1}`},
		{"keep-alive", wire.NewKeepAlive("u1"), `{"bridge":false,"type":1,"dataContent":"{}","from":"u1","to":"0","QoS":false,"typeu":-1,"sm":-1}`},
		{"data", wire.NewData("u1", "0", "hi"), `{"bridge":false,"type":2,"dataContent":"hi","from":"u1","to":"0","QoS":false,"typeu":-1,"sm":-1}`},
		{"QoS data", data, `{"bridge":false,"type":2,"dataContent":"hi","from":"u1","to":"u2","fp":"f-1","QoS":true,"typeu":-1,"sm":-1}`},
		{"logout", wire.NewLogout("u1"), `{"bridge":false,"type":3,"from":"u1","to":"0","QoS":false,"typeu":-1,"sm":-1}`},
		{"received", wire.NewReceived(data), `{"bridge":false,"type":4,"dataContent":"f-1","from":"u2","to":"u1","QoS":false,"typeu":-1,"sm":-1}`},
		{"received over the bridge", wire.NewReceived(bridged), `{"bridge":true,"type":4,"dataContent":"f-1","from":"u2","to":"u1","QoS":false,"typeu":-1,"sm":-1}`},
		{"received without addresses", wire.NewReceived(wire.Message{}), `{"bridge":false,"type":4,"QoS":false,"typeu":-1,"sm":-1}`},
		{"echo", wire.NewEcho("u1", "x"), `{"bridge":false,"type":5,"dataContent":"x","from":"u1","to":"0","QoS":false,"typeu":-1,"sm":-1}`},
		{"login response", wire.NewLoginResponse("u1", wire.CodeOK, 7),
			`{"bridge":false,"type":50,"dataContent":"{\"code\":0,\"firstLoginTime\":7}","from":"0","to":"u1","QoS":false,"typeu":-1,"sm":-1}`},
		{"login refused", wire.NewLoginResponse("u1", wire.CodeFirstApplication, 7),
			`{"bridge":false,"type":50,"dataContent":"{\"code\":1025,\"firstLoginTime\":-1}","from":"0","to":"-1","QoS":false,"typeu":-1,"sm":-1}`},
		{"keep-alive response", wire.NewKeepAliveResponse("u1"), `{"bridge":false,"type":51,"dataContent":"{}","from":"0","to":"u1","QoS":false,"typeu":-1,"sm":-1}`},
		{"error response", wire.NewErrorResponse(wire.CodeServerNotLoggedIn, wire.Message{Type: 1}),
			`{"bridge":false,"type":52,"dataContent":"{\"errorCode\":301,\"errorMsg\":\"{\\\"bridge\\\":false,\\\"type\\\":1,\\\"QoS\\\":false,\\\"typeu\\\":0,\\\"sm\\\":0}\"}","from":"0","to":"-1","QoS":false,"typeu":-1,"sm":-1}`},
		{"echo response", wire.NewEchoResponse(wire.Message{Type: 5, DataContent: wire.Some("x")}), `{"bridge":false,"type":53,"dataContent":"x","QoS":false,"typeu":0,"sm":0}`},
		{"kick-out", wire.NewKickout("u1", wire.Kickout{Code: 2, Reason: wire.Some("r")}),
			`{"bridge":false,"type":54,"dataContent":"{\"code\":2,\"reason\":\"r\"}","from":"0","to":"u1","QoS":false,"typeu":-1,"sm":-1}`},
	}
	for _, test := range tests {
		if got := test.message.String(); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", test.name, got, test.want)
		}
	}
}

func TestText(t *testing.T) {
	tests := []struct {
		text         wire.Text
		value        string
		present, isX bool
	}{
		{wire.Text{}, "", false, false},
		{wire.Some(""), "", true, false},
		{wire.Some("x"), "x", true, true},
	}
	for _, test := range tests {
		if test.text.Value() != test.value || test.text.Present() != test.present || test.text.Is("x") != test.isX {
			t.Errorf("%+v: value %q, present %v, is x %v", test.text, test.text.Value(), test.text.Present(), test.text.Is("x"))
		}
	}
	if (wire.Text{}).Is("") {
		t.Error("an absent text is taken for an empty one")
	}
}

func TestTypeString(t *testing.T) {
	tests := map[wire.Type]string{
		0: "login", 1: "keep-alive", 2: "data", 3: "logout", 4: "received", 5: "echo", 50: "login response",
		51: "keep-alive response", 52: "error response", 53: "echo response", 54: "kick-out", 6: "type 6", -1: "type -1",
	}
	for typ, want := range tests {
		if got := typ.String(); got != want {
			t.Errorf("type %d is called %q, want %q", int32(typ), got, want)
		}
	}
}

// The numbers of §1, which no other test spells out.
func TestCodes(t *testing.T) {
	tests := map[wire.Code]wire.Code{
		wire.CodeOK: 0, wire.CodeNotLoggedIn: 1, wire.CodeUnknownError: 2, wire.CodeSendFailed: 3, wire.CodeInvalidMessage: 4,
		wire.CodeConnectionBroken: 201, wire.CodeCannotConnect: 202, wire.CodeClientNotInitialised: 203,
		wire.CodeNetworkDown: 204, wire.CodeServerNotSet: 205, wire.CodeServerNotLoggedIn: 301, wire.CodeFirstApplication: 1025,
	}
	for got, want := range tests {
		if got != want {
			t.Errorf("code %d, want %d", got, want)
		}
	}
	if wire.KickDuplicateLogin != 1 || wire.KickAdministrator != 2 {
		t.Errorf("kick-out codes %d and %d, want 1 and 2", wire.KickDuplicateLogin, wire.KickAdministrator)
	}
}

func TestNewFingerprint(t *testing.T) {
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	seen := map[string]bool{}
	for range 1000 {
		fp := wire.NewFingerprint()
		if !uuid.MatchString(fp) || seen[fp] {
			t.Fatalf("fingerprint %q is not a random UUID, or a repeated one", fp)
		}
		seen[fp] = true
	}
}
