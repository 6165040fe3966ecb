package websocket

import (
	"strings"
	"testing"
)

func TestCloseCodes(t *testing.T) {
	may := []CloseCode{1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4999}
	mayNot := []CloseCode{0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535}
	for want, codes := range map[bool][]CloseCode{true: may, false: mayNot} {
		for _, code := range codes {
			if code.MaySend() != want {
				t.Errorf("code %d: MaySend %v", code, !want)
			}
		}
	}
}

func TestClosePayload(t *testing.T) {
	long := strings.Repeat("x", 200)
	tests := []struct {
		code CloseCode
		text string
		want string
	}{
		{0, "", ""},
		{0, "ignored", ""},
		{CloseNormal, "", "\x03\xe8"},
		{CloseProtocolError, "why", "\x03\xeawhy"},
		{CloseGoingAway, long, "\x03\xe9" + long[:123]},
	}
	for _, test := range tests {
		got := ClosePayload(test.code, test.text)
		if string(got) != test.want || ParseClose(got) != test.code {
			t.Errorf("code %d, text %.10q: %q with code %d", test.code, test.text, got, ParseClose(got))
		}
	}
	if code := ParseClose([]byte{3}); code != 0 {
		t.Errorf("half a code: %d", code)
	}
}

// A client answers a close frame with the code alone, a server with the same
// payload unless its code may not be sent (docs/protocol.md §2).
func TestAnswers(t *testing.T) {
	tests := []struct {
		opcode         Opcode
		payload        string
		client, server string // payloads of the answers
		answered       bool
		answerOpcode   Opcode
	}{
		{OpPing, "tick", "tick", "tick", true, OpPong},
		{OpPing, "", "", "", true, OpPong},
		{OpPong, "tick", "", "", false, 0},
		{OpText, "hi", "", "", false, 0},
		{OpClose, "", "", "", true, OpClose},
		{OpClose, "\x03\xe8", "\x03\xe8", "\x03\xe8", true, OpClose},
		{OpClose, "\x0f\xa1text", "\x0f\xa1", "\x0f\xa1text", true, OpClose},
		{OpClose, "\x03\xe7text", "\x03\xe7", "\x03\xe8Bye", true, OpClose},
		{OpClose, "\x03\xed", "\x03\xed", "\x03\xe8Bye", true, OpClose},
	}
	for _, test := range tests {
		for role, want := range map[Role]string{Client: test.client, Server: test.server} {
			answer, ok := role.Answer(test.opcode, []byte(test.payload))
			if ok != test.answered || answer.Opcode != test.answerOpcode || string(answer.Payload) != want {
				t.Errorf("role %d, %s %q: %+v, %v", role, test.opcode, test.payload, answer, ok)
			}
			if ok && (!answer.Fin || answer.Masked != (role == Client)) {
				t.Errorf("role %d, %s: fin %v, masked %v", role, test.opcode, answer.Fin, answer.Masked)
			}
		}
	}
}

func TestClosingOnViolations(t *testing.T) {
	const bye, why = "\x88\x05\x03\xe8Bye", "\x88\x05\x03\xeawhy"
	broken, valid := violation("why"), &ProtocolError{Reason: "why"}
	tests := []struct {
		how    Violations
		broken *ProtocolError
		want   string
	}{
		{ClosedByCode, broken, why},
		{ClosedTwice, broken, why + bye},
		{ClosedWith1000, broken, bye},
		{ClosedByCode, valid, bye},
		{ClosedTwice, valid, bye},
		{ClosedWith1000, valid, bye},
	}
	for _, test := range tests {
		if got := test.how.AppendClose([]byte("x"), test.broken); string(got) != "x"+test.want {
			t.Errorf("%d after %+v: %q, want %q", test.how, *test.broken, got, test.want)
		}
	}
}
