package server

import (
	"strings"
	"testing"
	"time"

	"imcheck/conformance/suite"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// floodWith answers a login and then sends without end.
func floodWith(content string) fakeHandler {
	return func(m wire.Message, l fakeLink) {
		oblige(m, l)
		if m.Type != wire.TypeLogin {
			return
		}
		body := wire.NewData(wire.ServerID, "u", content).Append(nil)
		go func() { // others are to be answered meanwhile
			for l.sendBody(body) == nil {
			}
		}()
	}
}

// A target that sends without end fails a case that looks, and is not read where none
// does.
func TestFloodIsBounded(t *testing.T) {
	for _, test := range []struct {
		name, content, want string
	}{
		{"tiny", "", "more than 4096 messages on one connection"},
		{"large", strings.Repeat("x", 60<<10), "more than 2048 KiB of messages on one connection"},
	} {
		var p *Peer
		var waiting int64
		f := fakeTest{kind: wire.TCP, handle: floodWith(test.content)}
		r := f.run(t, func(s *Scene) {
			p, _ = s.LoginAt(wire.TCP, s.User("u"), 0)
			s.Wait(time.Minute) // nobody looks
			waiting = p.waiting.Load()
			p.Expect(wire.NewData("nobody", "u", "never"))
		})[0]
		if r.Verdict != reports.Fail || !strings.Contains(r.Actual, test.want) || len(r.Actual) > 1000 {
			t.Errorf("%s: %s", test.name, suite.Explain(r))
		}
		if most := int64(maxWaiting + len(test.content) + 200); waiting > most || waiting == 0 {
			t.Errorf("%s: %d bytes waited, want %d at most", test.name, waiting, most)
		}
		if p.kept > maxKept+len(test.content)+200 {
			t.Errorf("%s: %d bytes were kept", test.name, p.kept)
		}
	}
}
