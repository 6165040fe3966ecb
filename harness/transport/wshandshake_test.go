package transport

import "testing"

// No request makes the handshake fail in another way than by its outcomes.
func FuzzAnswerUpgrade(f *testing.F) {
	f.Add([]byte("GET /websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n"))
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Add([]byte("\r\n\r\n"))
	f.Fuzz(func(t *testing.T, stream []byte) {
		var request head
		_, complete, err := request.add(stream)
		if err != nil || !complete {
			return
		}
		answer, outcome, err := answerUpgrade(request.reader(), Observed)
		if outcome < upgraded || outcome > ignored || (outcome == refused) != (err != nil) || (outcome == ignored) != (answer == "") {
			t.Errorf("answer %q, outcome %d, error %v", answer, outcome, err)
		}
	})
}
