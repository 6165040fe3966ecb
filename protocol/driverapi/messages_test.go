package driverapi_test

import (
	"reflect"
	"strings"
	"testing"

	"imcheck/protocol/driverapi"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

func TestCommands(t *testing.T) {
	login := driverapi.Login{Transport: wire.TCP, Host: "127.0.0.1", Port: 8901, User: "u1", Token: "t", Mode: timing.Mode3S}
	withExtra := login
	withExtra.Extra = wire.Some("")
	tests := []struct {
		line string
		want driverapi.Command
	}{
		{`{"do":"login","transport":"tcp","host":"127.0.0.1","port":8901,"user":"u1","token":"t","senseMode":"3S"}`, driverapi.Command{Do: driverapi.ActionLogin, Login: login}},
		{`{"do":"login","transport":"tcp","host":"127.0.0.1","port":8901,"user":"u1","token":"t","extra":"","senseMode":"3S"}`, driverapi.Command{Do: driverapi.ActionLogin, Login: withExtra}},
		{`{"do":"send","to":"u2","dataContent":"hi","qos":true,"typeu":-1}`,
			driverapi.Command{Do: driverapi.ActionSend, Send: driverapi.Send{To: "u2", DataContent: "hi", QoS: true, UserType: -1}}},
		{`{"do":"send","to":"0","dataContent":"","qos":false,"fp":"f","typeu":7}`,
			driverapi.Command{Do: driverapi.ActionSend, Send: driverapi.Send{To: "0", Fingerprint: wire.Some("f"), UserType: 7}}},
		{`{"do":"logout"}`, driverapi.Command{Do: driverapi.ActionLogout}},
		{`{"do":"exit"}`, driverapi.Command{Do: driverapi.ActionExit}},
	}
	for _, test := range tests {
		got, err := driverapi.ParseCommand([]byte(test.line))
		if err != nil || got != test.want {
			t.Errorf("%s: got %+v, %v", test.line, got, err)
		}
		if line := string(test.want.Append(nil)); line != test.line+"\n" {
			t.Errorf("written %swant    %s", line, test.line)
		}
	}
}

func TestCommandsThatAreRefused(t *testing.T) {
	tests := []struct{ line, want string }{
		{``, "not a JSON object"},
		{`[]`, "not a JSON object"},
		{`{"do":"dance"}`, `"dance"`},
		{`{"do":"exit"} {}`, "after top-level value"},
		{`{"do":"login","transport":"ipx"}`, `unknown transport "ipx"`},
		{`{"do":"login","transport":"tcp","senseMode":"4S"}`, `unknown sense mode "4S"`},
		{`{"do":"login","transport":"udp","senseMode":"5S"}`, "5S does not exist on udp"},
		{`{"do":"login","transport":"tcp","senseMode":"3S","host":"h","port":70000}`, "port 70000"},
		{`{"do":"login","transport":"tcp","senseMode":"3S","host":"h","port":1,"user":"u"}`, `"token"`},
		{`{"do":"send","to":"u"}`, `"dataContent"`},
		{`{"do":"send","to":5}`, "json: cannot unmarshal number"},
		{"{\"do\":\"\xff\"}", "not UTF-8"},
	}
	for _, test := range tests {
		if got, err := driverapi.ParseCommand([]byte(test.line)); err == nil || !strings.Contains(err.Error(), test.want) || got != (driverapi.Command{}) {
			t.Errorf("%s: got %+v, %v; want an error with %q", test.line, got, err, test.want)
		}
	}
}

func TestEvents(t *testing.T) {
	tests := []struct {
		line string
		want driverapi.Event
	}{
		{`{"ev":"ready","name":"n","version":"v","transports":["udp","tcp"],"senseModes":["3S","10S"]}`,
			driverapi.Event{Kind: driverapi.EventReady, Name: "n", Version: "v", Transports: []wire.Transport{wire.UDP, wire.TCP}, Modes: []timing.SenseMode{timing.Mode3S, timing.Mode10S}, UserType: -1}},
		{`{"ev":"ready","name":"n","version":"v","transports":["ws"],"senseModes":["5S"],"reusable":true}`,
			driverapi.Event{Kind: driverapi.EventReady, Name: "n", Version: "v", Transports: []wire.Transport{wire.WS}, Modes: []timing.SenseMode{timing.Mode5S}, Reusable: true, UserType: -1}},
		{`{"ev":"login","code":1025}`, driverapi.Event{Kind: driverapi.EventLogin, Code: 1025, UserType: -1}},
		{`{"ev":"message","fp":"f","from":"0","dataContent":"hi","typeu":3}`,
			driverapi.Event{Kind: driverapi.EventMessage, Fingerprint: wire.Some("f"), From: wire.Some("0"), DataContent: wire.Some("hi"), UserType: 3}},
		{`{"ev":"error","code":301,"msg":"m"}`, driverapi.Event{Kind: driverapi.EventError, Code: 301, Message: "m", UserType: -1}},
		{`{"ev":"linkclose","code":-1}`, driverapi.Event{Kind: driverapi.EventLinkClose, Code: -1, UserType: -1}},
		{`{"ev":"kickout","code":2,"reason":"r"}`, driverapi.Event{Kind: driverapi.EventKickout, Code: 2, Reason: wire.Some("r"), UserType: -1}},
		{`{"ev":"kickout","code":1}`, driverapi.Event{Kind: driverapi.EventKickout, Code: 1, UserType: -1}},
		{`{"ev":"lost","fps":["a","b"]}`, driverapi.Event{Kind: driverapi.EventLost, Fingerprints: []string{"a", "b"}, UserType: -1}},
		{`{"ev":"received","fp":"f"}`, driverapi.Event{Kind: driverapi.EventReceived, Fingerprint: wire.Some("f"), UserType: -1}},
		{`{"ev":"sent","code":0}`, driverapi.Event{Kind: driverapi.EventSent, UserType: -1}},
		{`{"ev":"unsupported","do":"logout"}`, driverapi.Event{Kind: driverapi.EventUnsupported, Do: driverapi.ActionLogout, UserType: -1}},
	}
	for _, test := range tests {
		got, err := driverapi.ParseEvent([]byte(test.line))
		if err != nil || !reflect.DeepEqual(got, test.want) {
			t.Errorf("%s: got %+v, %v", test.line, got, err)
		}
		if got.String() != test.line {
			t.Errorf("written %s\nwant    %s", got, test.line)
		}
	}
}

func TestEventsThatAreRefused(t *testing.T) {
	tests := []struct{ line, want string }{
		{`hello`, "not a JSON object"},
		{`{"ev":"shrug"}`, `"shrug"`},
		{`{"ev":"login"}`, `"code"`},
		{`{"ev":"login","code":"0"}`, "cannot unmarshal string"},
		{`{"ev":"ready","name":"n","version":"v","transports":["ipx"],"senseModes":["3S"]}`, `"ipx"`},
		{`{"ev":"ready","name":"n","version":"v","transports":[],"senseModes":["3S"]}`, "at least one each"},
		{`{"ev":"ready","name":"n"}`, `"version"`},
		{`{"ev":"message","fp":"f","from":"u"}`, `"dataContent"`},
		{`{"ev":"lost"}`, `"fps"`},
		{`{"ev":"received","fp":null}`, `"fp"`},
		{`{"ev":"unsupported","do":"dance"}`, `"do"`},
	}
	for _, test := range tests {
		if got, err := driverapi.ParseEvent([]byte(test.line)); err == nil || !strings.Contains(err.Error(), test.want) || got.Kind != "" {
			t.Errorf("%s: got %+v, %v; want an error with %q", test.line, got, err, test.want)
		}
	}
}

// What a driver writes beyond the contract does not matter as long as it is JSON.
func TestUnknownMembersAreIgnored(t *testing.T) {
	if e, err := driverapi.ParseEvent([]byte(`{"ev":"login","code":0,"at":[1,{}]}`)); err != nil || e.Kind != driverapi.EventLogin {
		t.Errorf("got %v, %v", e, err)
	}
}
