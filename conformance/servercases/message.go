package servercases

import (
	"slices"
	"strings"

	"imcheck/conformance/server"
	"imcheck/conformance/suite"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

func messageCases() []suite.Case {
	return slices.Concat(badMessageCases(), badDatagramCases, lenientCases())
}

// badMessages are bodies that are not messages (§1, and §3, bad message).
var badMessages = []struct{ name, what, covers, body string }{
	{"not-json", "A message that is not JSON", "bad-message", `{oops`},
	{"plain-text", "A message that is plain text", "bad-message", `hello`},
	{"null", "A message that is null", "bad-message", `null`},
	{"array", "A message that is an array", "bad-message", `[{"type":1,"dataContent":"{}","from":"u","to":"0"}]`},
	{"trailing-text", "Text after the object", "trailing-text", `{"type":5,"dataContent":"x"} tail`},
	{"wrong-type-number", "A text where a number has to be", "bad-message", `{"type":"five","dataContent":"x"}`},
	{"wrong-type-object", "An object where a text has to be", "bad-message", `{"type":5,"dataContent":{"a":1}}`},
	{"truncated", "A message that is cut off", "bad-message", `{"type":5,"dataContent":"x","from":"u","to":"0`},
}

// badMessageCases send what ends a stream's session. On UDP the observed server does
// the same, while safety asks for the opposite: whether somebody who knows only a
// session's address may end it is a case of its own.
func badMessageCases() (all []suite.Case) {
	for _, bad := range badMessages {
		all = append(all, suite.Case{
			ID:          "message/" + bad.name,
			Requirement: bad.what + " is not answered and ends a stream's session; other sessions are not touched.",
			Covers:      []string{bad.covers, "json-object", "ws-close-code"}, Level: reports.Must, Transports: everywhere,
			Run: server.Func(func(s *server.Scene) { endedBy(s, []byte(bad.body)) }),
		})
	}
	return append(all, suite.Case{
		ID:          "message/empty",
		Requirement: "An empty TCP body or WebSocket text ends the session; other sessions are not touched.",
		Covers:      []string{"bad-message"}, Level: reports.Must, Transports: streams, // an empty datagram is another case
		Run: server.Func(func(s *server.Scene) { endedBy(s, nil) }),
	})
}

// endedBy shows that a body ends the stream that it came on, and nothing else.
func endedBy(s *server.Scene, body []byte) {
	other, p := s.Login(s.User("other")), s.Login(s.User("u"))
	deliver(s, other, p)
	p.SendBody(body)
	if s.Transport.Connected() {
		p.ExpectClosed()
	} else {
		p.KeepAliveOrNotLoggedIn()
	}
	other.KeepAlive()
	deliver(s, other, s.Login(s.User("later")))
}

var badDatagramCases = []suite.Case{{
	ID:          "message/bad-datagram-ignored",
	Requirement: "A bad datagram does not end the session of the address that it seems to come from: anyone can send one.",
	Covers:      []string{"bad-datagram"}, Level: reports.Should, Transports: udpOnly,
	Run: server.Func(func(s *server.Scene) {
		p := s.Login(s.User("u"))
		for _, bad := range badMessages {
			p.SendBody([]byte(bad.body))
			p.KeepAlive()
		}
	}),
}, {
	ID:          "message/empty-datagram-ignored",
	Requirement: "An empty datagram does not end the session of the address that it seems to come from: anyone can send one.",
	Covers:      []string{"empty-datagram"}, Level: reports.Should, Transports: udpOnly,
	Run: server.Func(func(s *server.Scene) {
		p := s.Login(s.User("u"))
		for range 3 {
			p.SendBodyUnanswered(nil)
			p.KeepAlive()
		}
	}),
}}

// lenientCases send what the decoder has to accept (§1); the echo shows how it was
// decoded.
func lenientCases() []suite.Case {
	const received = `{"bridge":false,"type":53,"dataContent":"x","from":"u","to":"0","QoS":false,"typeu":7,"sm":0}`
	echo := func(name, requirement, covers, sent, received string) suite.Case {
		return suite.Case{
			ID: "message/" + name, Requirement: requirement,
			Covers: []string{covers}, Level: reports.Must, Transports: everywhere,
			Run: server.Func(func(s *server.Scene) { echoes(s, sent, received) }),
		}
	}
	invalidUTF8 := echo("invalid-utf8", "Invalid UTF-8 is replaced by U+FFFD.", "invalid-utf8",
		"{\"type\":5,\"dataContent\":\"a\xffb\"}", `{"bridge":false,"type":53,"dataContent":"a`+"\ufffd"+`b","QoS":false,"typeu":0,"sm":0}`)
	invalidUTF8.Transports = []wire.Transport{wire.UDP, wire.TCP} // WebSocket has a rule of its own (§2)
	return []suite.Case{
		echo("absent-fields", "A field that is absent decodes to 0, false or null.", "absent-fields",
			`{"type":5,"dataContent":"x"}`, `{"bridge":false,"type":53,"dataContent":"x","QoS":false,"typeu":0,"sm":0}`),
		echo("null-fields", "A text that is null is left out of the answer.", "null-left-out",
			`{"type":5,"dataContent":null,"from":null,"to":null,"fp":null}`, `{"bridge":false,"type":53,"QoS":false,"typeu":0,"sm":0}`),
		echo("field-order", "The server writes the fields in their order, whatever the order they came in.", "field-order",
			`{"sm":-1,"typeu":7,"QoS":false,"fp":"f","to":"0","from":"u","dataContent":"x","type":5,"bridge":false}`,
			`{"bridge":false,"type":53,"dataContent":"x","from":"u","to":"0","fp":"f","QoS":false,"typeu":7,"sm":-1}`),
		echo("escapes", "The server escapes < > & = ' and the line separators U+2028 and U+2029.", "escapes",
			`{"type":5,"dataContent":"<>&='\"\\/`+"\u2028\u2029"+`\n\t é世🙂"}`,
			`{"bridge":false,"type":53,"dataContent":"\u003c\u003e\u0026\u003d\u0027\"\\/\u2028\u2029\n\t é世🙂","QoS":false,"typeu":0,"sm":0}`),
		echo("escaped-input", "Escapes in a message stand for their characters.", "text-intact",
			`{"type":5,"dataContent":"\u0041\u00e9\u4e16\ud83d\ude42\/\u003c"}`,
			`{"bridge":false,"type":53,"dataContent":"Aé世🙂/\u003c","QoS":false,"typeu":0,"sm":0}`),
		echo("unquoted-names", "Names need no quotes.", "unquoted-names",
			`{type:5,dataContent:"x",from:"u",to:"0",typeu:7}`, received),
		echo("single-quotes", "Quotes may be single.", "single-quotes",
			`{'type':5,'dataContent':'x','from':'u','to':'0','typeu':7}`, received),
		echo("number-in-string", "A number may stand in a string.", "numbers-in-strings",
			`{"type":"5","dataContent":"x","from":"u","to":"0","typeu":"7"}`, received),
		echo("unknown-fields", "Unknown fields are passed over, whatever their values.", "unknown-fields",
			`{"new":{"a":[1,{"b":null}]},"type":5,"dataContent":"x","from":"u","list":[],"to":"0","typeu":7,"flag":true}`, received),
		invalidUTF8,
	}
}

// echoes sends an echo as raw bytes and compares the answer byte by byte, on a
// session that is logged in before and after.
func echoes(s *server.Scene, sent, received string) {
	p := s.Login(s.User("u"))
	p.SendBodyUntil([]byte(sent), p.GetsBody(received))
	p.KeepAlive()
}

// longText returns a text of this many bytes.
func longText(size int) string { return strings.Repeat("x", max(0, size)) }
