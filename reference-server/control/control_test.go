package control_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"imcheck/harness/target"
	"imcheck/protocol/wire"
)

// The calls of docs/contracts.md, part A, to the letter.
func TestCalls(t *testing.T) {
	tests := []struct {
		method, path, body string
		status             int
		answer             string
	}{
		{"GET", "/v1/info", "", 200, `{"name":"fake","version":"1","capabilities":["s2c"],"listen":{"udp":"127.0.0.1:7901"},"senseMode":{"udp":"3S"}}`},
		{"GET", "/v1/online", "", 200, `{"users":["u"]}`},
		{"POST", "/v1/s2c", `{"to":"u","dataContent":"x","qos":true,"fp":"f-1","typeu":7}`, 200, `{"fp":"f-1"}`},
		{"POST", "/v1/s2c", `{"to":"u","dataContent":""}`, 200, `{"fp":""}`},
		{"POST", "/v1/kick", `{"user":"u","code":7,"reason":"r"}`, 204, ""},
		{"POST", "/v1/kick", ` {"user":"u","code":-7} `, 204, ""},
		{"POST", "/v1/s2c", `{"to":"v","dataContent":"x"}`, 404, `{"error":"user \"v\" is not online"}`},
		{"POST", "/v1/kick", `{"user":"v","code":7}`, 404, `{"error":"user \"v\" is not online"}`},
	}
	inBubble(t, func(b *bench) {
		for _, test := range tests {
			status, contentType, answer := b.call(test.method, test.path, test.body)
			if status != test.status || answer != test.answer {
				b.Errorf("%s %s %s: %d %s, want %d %s", test.method, test.path, test.body, status, answer, test.status, test.answer)
			}
			if answer != "" && contentType != "application/json" {
				b.Errorf("%s %s: content type %q", test.method, test.path, contentType)
			}
		}
	})
}

// Bad input is refused with 400 and an error, and nothing is done.
func TestBadRequests(t *testing.T) {
	large := `{"to":"u","dataContent":"` + strings.Repeat("x", 1<<20) + `"}`
	bad := map[string][]string{
		"/v1/s2c": {
			"", "x", "null", "[]", "5", `"text"`, "{", "{}", `{"to":"u"}`, `{"dataContent":"x"}`, `{"to":null,"dataContent":"x"}`,
			`{"to":5,"dataContent":"x"}`, `{"to":"u","dataContent":{}}`, `{"to":"u","dataContent":"x","qos":"true"}`,
			`{"to":"u","dataContent":"x","typeu":1.5}`, `{"to":"u","dataContent":"x","typeu":2147483648}`,
			`{"to":"u","dataContent":"x","fp":7}`, `{"to":"u","dataContent":"x","unknown":1}`,
			`{"to":"u","dataContent":"x"} {}`, `{"to":"u","dataContent":"x"} x`, large,
		},
		"/v1/kick": {
			"", "null", "[]", "{}", `{"user":"u"}`, `{"code":7}`, `{"user":"u","code":"7"}`, `{"user":"u","code":7.5}`,
			`{"user":"u","code":2147483648}`, `{"user":"u","code":null}`, `{"user":5,"code":7}`, `{"user":"u","code":7,"reason":{}}`,
			`{"user":"u","code":7,"until":9}`, `{"user":"u","code":7}}`,
		},
	}
	inBubble(t, func(b *bench) {
		for path, bodies := range bad {
			for _, body := range bodies {
				status, _, answer := b.call("POST", path, body)
				b.expectRefusal(path+" "+body[:min(len(body), 60)], status, answer)
			}
		}
		for _, since := range []string{"x", "-1", "1.5", "%20", "18446744073709551616", "1x"} {
			status, _, answer := b.call("GET", "/v1/events?since="+since, "")
			b.expectRefusal("since="+since, status, answer)
		}
		if len(b.fake.pushed) != 0 || len(b.fake.kicked) != 0 {
			b.Errorf("bad input was acted on: pushed %v, kicked %v", b.fake.pushed, b.fake.kicked)
		}
	})
}

func (b *bench) expectRefusal(what string, status int, answer string) {
	b.Helper()
	var body map[string]string
	err := json.Unmarshal([]byte(answer), &body)
	if status != http.StatusBadRequest || err != nil || len(body) != 1 || body["error"] == "" {
		b.Errorf("%s: %d %s, want 400 with an error", what, status, answer)
	}
}

func TestUnknownPaths(t *testing.T) {
	inBubble(t, func(b *bench) {
		for _, path := range []string{"/", "/v1", "/v1/", "/v1/nothing", "/v2/info", "/v1/info/more", "/v1/online/"} {
			for _, method := range []string{"GET", "POST"} {
				if status, _, _ := b.call(method, path, "{}"); status != http.StatusNotFound {
					b.Errorf("%s %s: %d, want 404", method, path, status)
				}
			}
		}
		// A known path by the wrong method is not an unknown path.
		for _, call := range [][2]string{{"POST", "/v1/info"}, {"POST", "/v1/online"}, {"GET", "/v1/s2c"}, {"GET", "/v1/kick"}, {"DELETE", "/v1/events"}} {
			if status, _, _ := b.call(call[0], call[1], ""); status != http.StatusMethodNotAllowed {
				b.Errorf("%s %s: %d, want 405", call[0], call[1], status)
			}
		}
	})
}

// The server sends and kicks on request.
func TestPushedMessages(t *testing.T) {
	inBubble(t, func(b *bench) {
		b.call("POST", "/v1/s2c", `{"to":"u","dataContent":"x","qos":true,"fp":"f-1","typeu":7}`)
		b.call("POST", "/v1/s2c", `{"to":"u","dataContent":"x"}`)
		_, _, answer := b.call("POST", "/v1/s2c", `{"to":"u","dataContent":"x","qos":true}`)
		want := wire.NewQoSData(wire.ServerID, "u", "x", "f-1")
		want.UserType = 7
		if b.fake.pushed[0] != want {
			b.Errorf("pushed %s, want %s", b.fake.pushed[0], want)
		}
		if want := wire.NewData(wire.ServerID, "u", "x"); b.fake.pushed[1] != want {
			b.Errorf("pushed %s, want %s", b.fake.pushed[1], want)
		}
		made := b.fake.pushed[2].Fingerprint.Value()
		if len(made) != len(wire.NewFingerprint()) || answer != `{"fp":"`+made+`"}` {
			b.Errorf("made the fingerprint %q and answered %s", made, answer)
		}
		b.call("POST", "/v1/kick", `{"user":"u","code":7,"reason":"r"}`)
		b.call("POST", "/v1/kick", `{"user":"u","code":0}`)
		if want := []wire.Kickout{{Code: 7, Reason: wire.Some("r")}, {}}; !slices.Equal(b.fake.kicked, want) {
			b.Errorf("kicked with %v, want %v", b.fake.kicked, want)
		}
	})
}

// The toolkit's own client of the API, against the same server.
func TestClientOfTheAPI(t *testing.T) {
	inBubble(t, func(b *bench) {
		info, err := b.control.Info(b.Context())
		if err != nil || info.Name != "fake" || info.Listen["udp"] != "127.0.0.1:7901" {
			b.Errorf("info %+v, %v", info, err)
		}
		if users, err := b.control.Online(b.Context()); err != nil || !slices.Equal(users, []string{"u"}) {
			b.Errorf("online %q, %v", users, err)
		}
		m := wire.NewQoSData(wire.ServerID, "u", "<x>", "f-1")
		m.UserType = 9
		if fingerprint, err := b.control.Push(b.Context(), m); err != nil || fingerprint != "f-1" || b.fake.pushed[0] != m {
			b.Errorf("push: %q, %v; the server got %s", fingerprint, err, b.fake.pushed[0])
		}
		if err := b.control.Kick(b.Context(), "u", wire.Kickout{Code: 2, Reason: wire.Some("r")}); err != nil {
			b.Errorf("kick: %v", err)
		}
		if _, err := b.control.Push(b.Context(), wire.NewData(wire.ServerID, "v", "x")); !errors.Is(err, target.ErrNotOnline) {
			b.Errorf("push to nobody: %v", err)
		}
		if err := b.control.Kick(b.Context(), "v", wire.Kickout{}); !errors.Is(err, target.ErrNotOnline) {
			b.Errorf("kick of nobody: %v", err)
		}
	})
}
