package gateway_test

import (
	"fmt"
	"testing"

	"imcheck/fixtures"
	"imcheck/protocol/wire"
)

// FuzzGateway hands the gateway any messages on several links: it never
// panics, writes only messages, and answers everybody else.
//
// The input is a list of messages, each with one byte for its link and two for
// its length in front.
func FuzzGateway(f *testing.F) {
	transcripts, err := fixtures.Transcripts()
	if err != nil {
		f.Fatal(err)
	}
	for _, transcript := range transcripts {
		var input []byte
		for i, events := range transcript.Connections {
			for _, e := range events {
				if e.Direction == fixtures.Sent {
					input = appendMessage(input, byte(i), e.Text)
				}
			}
		}
		f.Add(input)
	}
	f.Add(appendMessage(nil, 1, `{"type":0,"dataContent":"{\"loginUserId\":\"\"}"}`))
	f.Add(appendMessage(appendMessage(nil, 2, login("0").String()), 2, `{"type":2,"QoS":true,"fp":""}`))
	f.Fuzz(func(t *testing.T, input []byte) {
		g := newGateway(t, nil)
		healthy := newLink(wire.TCP, anyone)
		g.Open(healthy)
		user := wire.NewFingerprint() // nobody guesses it
		ask(g, healthy, login(user))
		var links []*link
		for i, kind := range []wire.Transport{wire.UDP, wire.TCP, wire.WS, wire.UDP, wire.TCP} {
			l := newLink(kind, fmt.Sprint("127.0.0.1:", i+1))
			if kind.Connected() {
				g.Open(l)
			}
			links = append(links, l)
		}
		for len(input) >= 3 {
			l, size := links[int(input[0])%len(links)], int(input[1])<<8|int(input[2])
			body := input[3:min(len(input), 3+size)]
			input = input[3+len(body):]
			g.Message(l, body)
		}
		for _, l := range links {
			for _, text := range l.take() {
				if _, err := wire.Decode([]byte(text)); err != nil {
					t.Errorf("the server wrote %q: %v", text, err)
				}
			}
			if l.transport.Connected() {
				g.Closed(l, nil)
			}
		}
		expectOne(t, "keep-alive of another user", ask(g, healthy, wire.NewKeepAlive(user)), wire.TypeKeepAliveResponse)
	})
}

func appendMessage(input []byte, link byte, text string) []byte {
	input = append(input, link, byte(len(text)>>8), byte(len(text)))
	return append(input, text...)
}
