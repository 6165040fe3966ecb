package cases

import (
	"strings"

	"github.com/onsi/gomega"

	"imcheck/conformance"
	"imcheck/harness/wire"
)

func messageCases() []conformance.Case {
	return append(badMessageCases(), lenientCases()...)
}

// badMessageCases send what ends a session (§3, bad message).
func badMessageCases() []conformance.Case {
	bad := func(name, what, body string) conformance.Case {
		return conformance.Case{
			ID:          "message/" + name,
			Requirement: what + " ends the session, on UDP too; other sessions are not touched.",
			Section:     "§3 Bad message", Level: conformance.Must, Transports: everywhere,
			Run: func(_ gomega.Gomega, s *conformance.Scene) { endedBy(s, []byte(body)) },
		}
	}
	empty := bad("empty", "An empty TCP body or WebSocket text", "")
	empty.Transports = streams // an empty datagram is another case
	return []conformance.Case{
		bad("not-json", "A message that is not JSON", `{oops`),
		bad("plain-text", "A message that is plain text", `hello`),
		bad("null", "A message that is null", `null`),
		bad("array", "A message that is an array", `[{"type":1,"dataContent":"{}","from":"u","to":"0"}]`),
		bad("trailing-text", "Text after the object", `{"type":5,"dataContent":"x"} tail`),
		bad("wrong-type-number", "A text where a number has to be", `{"type":"five","dataContent":"x"}`),
		bad("wrong-type-object", "An object where a text has to be", `{"type":5,"dataContent":{"a":1}}`),
		bad("truncated", "A message that is cut off", `{"type":5,"dataContent":"x","from":"u","to":"0`),
		empty,
	}
}

// endedBy shows that a body ends the session that sends it, and no other.
func endedBy(s *conformance.Scene, body []byte) {
	other, p := s.Login(s.User("other")), s.Login(s.User("u"))
	deliver(s, other, p)
	p.SendBody(body)
	p.ExpectEnded()
	other.KeepAlive()
	deliver(s, other, s.Login(p.User))
}

// lenientCases send what the decoder has to accept (§1); the echo shows what it
// made of it.
func lenientCases() []conformance.Case {
	const received = `{"bridge":false,"type":53,"dataContent":"x","from":"u","to":"0","QoS":false,"typeu":7,"sm":0}`
	echo := func(name, requirement, sent, received string) conformance.Case {
		return conformance.Case{
			ID: "message/" + name, Requirement: requirement,
			Section: "§1 Message", Level: conformance.Must, Transports: everywhere,
			Run: func(_ gomega.Gomega, s *conformance.Scene) { echoes(s, sent, received) },
		}
	}
	invalidUTF8 := echo("invalid-utf8", "Invalid UTF-8 is replaced by U+FFFD.",
		"{\"type\":5,\"dataContent\":\"a\xffb\"}", `{"bridge":false,"type":53,"dataContent":"a`+"\ufffd"+`b","QoS":false,"typeu":0,"sm":0}`)
	invalidUTF8.Transports = []wire.Transport{wire.UDP, wire.TCP} // WebSocket has a rule of its own (§2)
	return []conformance.Case{
		echo("absent-fields", "A field that is absent decodes to 0, false or null.",
			`{"type":5,"dataContent":"x"}`, `{"bridge":false,"type":53,"dataContent":"x","QoS":false,"typeu":0,"sm":0}`),
		echo("null-fields", "A text that is null is left out of the answer.",
			`{"type":5,"dataContent":null,"from":null,"to":null,"fp":null}`, `{"bridge":false,"type":53,"QoS":false,"typeu":0,"sm":0}`),
		echo("field-order", "The server writes the fields in their order, whatever the order they came in.",
			`{"sm":-1,"typeu":7,"QoS":false,"fp":"f","to":"0","from":"u","dataContent":"x","type":5,"bridge":false}`,
			`{"bridge":false,"type":53,"dataContent":"x","from":"u","to":"0","fp":"f","QoS":false,"typeu":7,"sm":-1}`),
		echo("escapes", "The server escapes < > & = ' and the line separators U+2028 and U+2029.",
			`{"type":5,"dataContent":"<>&='\"\\/`+"\u2028\u2029"+`\n\t é世🙂"}`,
			`{"bridge":false,"type":53,"dataContent":"\u003c\u003e\u0026\u003d\u0027\"\\/\u2028\u2029\n\t é世🙂","QoS":false,"typeu":0,"sm":0}`),
		echo("escaped-input", "Escapes in a message stand for their characters.",
			`{"type":5,"dataContent":"\u0041\u00e9\u4e16\ud83d\ude42\/\u003c"}`,
			`{"bridge":false,"type":53,"dataContent":"Aé世🙂/\u003c","QoS":false,"typeu":0,"sm":0}`),
		echo("unquoted-names", "Names need no quotes.",
			`{type:5,dataContent:"x",from:"u",to:"0",typeu:7}`, received),
		echo("single-quotes", "Quotes may be single.",
			`{'type':5,'dataContent':'x','from':'u','to':'0','typeu':7}`, received),
		echo("number-in-string", "A number may stand in a string.",
			`{"type":"5","dataContent":"x","from":"u","to":"0","typeu":"7"}`, received),
		echo("unknown-fields", "Unknown fields are passed over, whatever their values.",
			`{"new":{"a":[1,{"b":null}]},"type":5,"dataContent":"x","from":"u","list":[],"to":"0","typeu":7,"flag":true}`, received),
		invalidUTF8,
	}
}

// echoes sends an echo as raw bytes and compares the answer byte by byte, on a
// session that is logged in before and after.
func echoes(s *conformance.Scene, sent, received string) {
	p := s.Login(s.User("u"))
	p.SendBody([]byte(sent))
	p.ExpectBody(received)
	p.KeepAlive()
}

// longText is a text of so many bytes.
func longText(size int) string { return strings.Repeat("x", max(0, size)) }
