package operation_test

import (
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/wire"
	"imcheck/reference-server/gateway"
	"imcheck/reference-server/operation"
)

// logged returns what a log writes at a level, without the time.
func logged(level slog.Level, content bool, write func(l *operation.Log)) string {
	var text strings.Builder
	handler := slog.NewTextHandler(&text, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}})
	write(operation.NewLog(slog.New(handler), content))
	return text.String()
}

// everySession writes an event of each kind.
func everySession(l *operation.Log) {
	e := gateway.SessionEvent{Number: 7, Transport: wire.TCP, Remote: netip.MustParseAddrPort("192.0.2.1:4711"), User: "u\n1"}
	for _, kind := range []gateway.SessionEventKind{gateway.Connected, gateway.LoggedIn, gateway.Refused, gateway.Ended} {
		e.Kind, e.Code, e.Cause = kind, 1025, server.CauseClosed
		l.Session(e)
	}
	e.Reason = errors.New("reset")
	l.Session(e)
}

func TestSessionLines(t *testing.T) {
	const connected = "level=DEBUG msg=connected user=\"u\\n1\" transport=tcp session=7 remote=192.0.2.1:4711\n"
	const sessions = "level=INFO msg=\"logged in\" user=\"u\\n1\" transport=tcp session=7 remote=192.0.2.1:4711\n" +
		"level=INFO msg=\"login refused\" user=\"u\\n1\" transport=tcp session=7 remote=192.0.2.1:4711 code=1025\n" +
		"level=INFO msg=\"session ended\" user=\"u\\n1\" transport=tcp session=7 remote=192.0.2.1:4711 cause=closed\n" +
		"level=INFO msg=\"session ended\" user=\"u\\n1\" transport=tcp session=7 remote=192.0.2.1:4711 cause=closed reason=reset\n"
	for level, want := range map[slog.Level]string{slog.LevelWarn: "", slog.LevelInfo: sessions, slog.LevelDebug: connected + sessions} {
		if got := logged(level, true, everySession); got != want {
			t.Errorf("at %v:\n%s\nwant\n%s", level, got, want)
		}
	}
}

// What users write is logged only when that is asked for, and a long text is cut.
func TestMessageLines(t *testing.T) {
	m := wire.NewQoSData("u", strings.Repeat("v", 300), "a secret", "fp")
	write := func(l *operation.Log) {
		l.Event(server.Event{Kind: server.EventOffline, User: "v", Code: server.Stored, Fingerprint: m.Fingerprint, Message: &m})
		l.Event(server.Event{Kind: server.EventLogin, User: "v"}) // which Session logs
		l.Event(server.Event{Kind: server.EventReceived, User: "v", Fingerprint: m.Fingerprint})
	}
	const received = "level=DEBUG msg=message event=received user=v fp=fp\n"
	offline := "level=DEBUG msg=message event=offline user=v fp=fp stored=true from=u to=" + strings.Repeat("v", 256) + "… qos=true"
	for content, want := range map[bool]string{false: offline + "\n" + received, true: offline + " content=\"a secret\"\n" + received} {
		if got := logged(slog.LevelDebug, content, write); got != want {
			t.Errorf("content %t:\n%s\nwant\n%s", content, got, want)
		}
	}
	if got := logged(slog.LevelInfo, true, write); got != "" {
		t.Errorf("at info there is\n%s", got)
	}
}

// A limit has a line when it is reached first, and one in ten seconds with how often meanwhile.
func TestLimitLines(t *testing.T) {
	start := time.Unix(0, 0)
	from := netip.MustParseAddr("192.0.2.1")
	got := logged(slog.LevelWarn, false, func(l *operation.Log) {
		for i := range 2000 {
			l.Limited(start.Add(time.Duration(i)*10*time.Millisecond), server.LimitLogins, from)
		}
		l.Limited(start, server.LimitPublishing, netip.Addr{})
	})
	const want = "level=WARN msg=\"limit reached\" limit=\"logins a second\" times=1 last=192.0.2.1 raise=--max-logins-per-second\n" +
		"level=WARN msg=\"limit reached\" limit=\"logins a second\" times=1000 last=192.0.2.1 raise=--max-logins-per-second\n" +
		"level=WARN msg=\"limit reached\" limit=\"messages to publish\" times=1\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// BenchmarkLogOff measures a session event when its level is off: no allocation.
func BenchmarkLogOff(b *testing.B) {
	l := operation.NewLog(slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelWarn})), false)
	m := wire.NewQoSData("u", "v", "x", "fp")
	for b.Loop() {
		l.Session(gateway.SessionEvent{Kind: gateway.LoggedIn, User: "u"})
		l.Event(server.Event{Kind: server.EventC2C, User: "v", Message: &m})
	}
}

// A log that is off allocates nothing.
func TestLogOffIsFree(t *testing.T) {
	l := operation.NewLog(slog.New(slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelWarn})), false)
	m := wire.NewQoSData("u", "v", "x", "fp")
	if n := testing.AllocsPerRun(100, func() {
		l.Session(gateway.SessionEvent{Kind: gateway.LoggedIn, User: "u"})
		l.Event(server.Event{Kind: server.EventC2C, User: "v", Message: &m})
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
