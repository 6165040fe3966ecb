package transport

import (
	"net/http"
	"strings"
	"testing"
)

func TestParseHeaderField(t *testing.T) {
	for text, want := range map[string]HeaderField{
		"Origin: http://im.example": {"Origin", "http://im.example"},
		"x-key:v: w ":               {"X-Key", "v: w"},
	} {
		if got, err := ParseHeaderField(text); err != nil || got != want {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"hidden":                         "there is no colon",
		": hidden":                       "not the name of a header",
		"A B: hidden":                    "not the name of a header",
		"Cookie:  ":                      "has no value",
		"Cookie: a\r\nX: hidden":         "control character",
		"connection: hidden":             "belongs to the handshake",
		"Sec-WebSocket-Protocol: hidden": "--ws-subprotocol",
	} {
		if _, err := ParseHeaderField(text); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func TestUpgradeRequest(t *testing.T) {
	r := UpgradeRequest{Path: "/im?x=1", Subprotocol: "chat", Compression: true, Header: []HeaderField{{"Cookie", "a=b"}, {"Cookie", "c=d"}}}
	want := "GET /im?x=1 HTTP/1.1\r\nHost: [fe80::1]:80\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: k\r\n" +
		"Sec-WebSocket-Version: 8\r\nSec-WebSocket-Protocol: chat\r\n" +
		"Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\nCookie: a=b\r\nCookie: c=d\r\n\r\n"
	if got := r.Head("[fe80::1%eth0]:80", "k", 8); got != want {
		t.Errorf("the request is %q, want %q", got, want)
	}
	r.Header = []HeaderField{{"Host", "other.example"}}
	if got, want := r.Get("im.example"), "GET /im?x=1 HTTP/1.1\r\nHost: other.example\r\n\r\n"; got != want {
		t.Errorf("the plain request is %q, want %q", got, want)
	}
	r.Header = []HeaderField{{"Cookie", strings.Repeat("x", maxRequest)}}
	if err := r.Check(); err == nil || !strings.Contains(err.Error(), "at most 8192 are allowed") {
		t.Errorf("a long request: %v", err)
	}
}

// Nothing of a secret is left of what a server quotes.
func TestConceal(t *testing.T) {
	r := UpgradeRequest{Path: "/im?token=open%2Fsesame&n=1", Header: []HeaderField{{"Authorization", "Bearer topsecret"}, {"X-Pin", "1234"}}}
	for text, want := range map[string]string{
		"401 not with Bearer topsecret": "401 not with …",
		"401 topsecret":                 "401 …",
		"401 1234":                      "401 …",
		"401 Unauthorized":              "401 Unauthorized",
		"401 open/sesame":               "401 …",
		"401 open%2Fsesame":             "401 …",
	} {
		if got := r.Conceal(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestWrongChoice(t *testing.T) {
	for _, test := range []struct {
		request UpgradeRequest
		header  http.Header
		want    string
	}{
		{UpgradeRequest{}, http.Header{}, ""},
		{UpgradeRequest{Subprotocol: "chat"}, http.Header{"Sec-Websocket-Protocol": {"chat"}}, ""},
		{UpgradeRequest{Subprotocol: "chat"}, http.Header{}, "did not choose"},
		{UpgradeRequest{}, http.Header{"Sec-Websocket-Protocol": {"chat"}}, "was not offered"},
		{UpgradeRequest{Compression: true}, http.Header{}, ""},
		{UpgradeRequest{Compression: true}, http.Header{"Sec-Websocket-Extensions": {"permessage-deflate"}}, ""},
		{UpgradeRequest{Compression: true}, http.Header{"Sec-Websocket-Extensions": {"foo"}}, "permessage-deflate alone was offered"},
		{UpgradeRequest{}, http.Header{"Sec-Websocket-Extensions": {"permessage-deflate"}}, "--ws-compression"},
	} {
		u, _ := NewUpgrade("x", test.request)
		if got := u.WrongChoice(test.header); (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%+v answered with %v: %q, want %q", test.request, test.header, got, test.want)
		}
	}
}
