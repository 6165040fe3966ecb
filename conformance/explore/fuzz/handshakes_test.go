package fuzz

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"imcheck/harness/transport"
)

func TestRequestsAreAddressed(t *testing.T) {
	request := upgradeRequest(rand.New(rand.NewPCG(1, 2)))
	if got := addressed(request, transport.UpgradeRequest{}); !bytes.Equal(got, request) {
		t.Errorf("without a wish: %q, want it unchanged", got)
	}
	got := string(addressed(request, transport.UpgradeRequest{
		Path: "/im/ws?room=1", Subprotocol: "chat",
		Header: []transport.HeaderField{{Name: "Origin", Value: "https://a.example"}, {Name: "Host", Value: "im.example"}},
	}))
	const want = "GET /im/ws?room=1 HTTP/1.1\r\nHost: im.example\r\nOrigin: https://a.example\r\nSec-WebSocket-Protocol: chat\r\nUpgrade: websocket\r\n"
	if !strings.HasPrefix(got, want) {
		t.Errorf("%q, want it to begin with %q", got, want)
	}
	other := bytes.Replace(request, []byte("/websocket "), []byte("/websocket/ "), 1)
	if got := addressed(other, transport.UpgradeRequest{Path: "/im"}); !bytes.Equal(got, other) {
		t.Errorf("a request for another path: %q, want it unchanged", got)
	}
}
