package operation

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"imcheck/protocol/server"
	"imcheck/reference-server/gateway"
)

// Levels of what is logged.
const (
	LevelMessages = slog.LevelDebug // messages, and connections without a login
	LevelSessions = slog.LevelInfo  // logins, refused ones, ends of sessions
	LevelTroubles = slog.LevelWarn  // limits that are run into, a broker that is away
)

// maxText bounds a text of users in the log, in bytes.
const maxText = 256

// limitEvery is the time between two lines about the same limit.
const limitEvery = 10 * time.Second

// Log writes a line for each event of a session, and a few for each limit. It is a
// gateway.Watcher, whose calls the gateway makes one at a time. Make one with NewLog.
type Log struct {
	logger  *slog.Logger
	content bool
	bitten  map[server.Limit]*bites
}

// bites counts how often a limit was hit.
type bites struct {
	logged time.Time // time of the last line
	since  int       // how often since then
}

// NewLog returns a log. With content it has what users write, too.
func NewLog(logger *slog.Logger, content bool) *Log {
	return &Log{logger: logger, content: content, bitten: map[server.Limit]*bites{}}
}

// eventLevels are the levels and the messages of the lines about sessions.
var eventLevels = map[gateway.SessionEventKind]struct {
	level slog.Level
	text  string
}{
	gateway.Connected: {LevelMessages, "connected"},
	gateway.LoggedIn:  {LevelSessions, "logged in"},
	gateway.Refused:   {LevelSessions, "login refused"},
	gateway.Ended:     {LevelSessions, "session ended"},
}

// Session implements gateway.Watcher.
func (l *Log) Session(e gateway.SessionEvent) {
	if !l.logger.Enabled(context.Background(), LevelSessions) {
		return
	}
	line := eventLevels[e.Kind]
	attributes := make([]slog.Attr, 0, 8)
	attributes = append(attributes, slog.String("user", clip(e.User)), slog.String("transport", e.Transport.String()),
		slog.Uint64("session", e.Number), slog.String("remote", e.Remote.String()))
	switch e.Kind {
	case gateway.Refused:
		attributes = append(attributes, slog.Int("code", int(e.Code)))
	case gateway.Ended:
		attributes = append(attributes, slog.String("cause", string(e.Cause)))
		if e.Reason != nil {
			attributes = append(attributes, slog.String("reason", clip(e.Reason.Error())))
		}
	}
	l.logger.LogAttrs(context.Background(), line.level, line.text, attributes...)
}

// Event writes a line about a message, when that is asked for. Logins and logouts are left to
// Session.
func (l *Log) Event(e server.Event) {
	if !l.logger.Enabled(context.Background(), LevelMessages) || e.Message == nil && e.Kind != server.EventReceived {
		return
	}
	attributes := make([]slog.Attr, 0, 8)
	attributes = append(attributes, slog.String("event", string(e.Kind)), slog.String("user", clip(e.User)), slog.String("fp", clip(e.Fingerprint.Value())))
	if e.Kind == server.EventOffline {
		attributes = append(attributes, slog.Bool("stored", e.Code == server.Stored))
	}
	if m := e.Message; m != nil {
		attributes = append(attributes, slog.String("from", clip(m.From.Value())), slog.String("to", clip(m.To.Value())), slog.Bool("qos", m.QoS))
		if l.content {
			attributes = append(attributes, slog.String("content", clip(m.DataContent.Value())))
		}
	}
	l.logger.LogAttrs(context.Background(), LevelMessages, "message", attributes...)
}

// Limited implements gateway.Watcher. A limit has a line when somebody runs into it, and then
// one in ten seconds at most.
func (l *Log) Limited(at time.Time, limit server.Limit, from netip.Addr) {
	b := l.bitten[limit]
	if b == nil {
		b = &bites{}
		l.bitten[limit] = b
	}
	b.since++
	if !b.logged.IsZero() && at.Sub(b.logged) < limitEvery {
		return
	}
	attributes := []slog.Attr{slog.String("limit", string(limit)), slog.Int("times", b.since)}
	if from.IsValid() {
		attributes = append(attributes, slog.String("last", from.String()))
	}
	if flag := limitFlags[limit]; flag != "" {
		attributes = append(attributes, slog.String("raise", flag))
	}
	l.logger.LogAttrs(context.Background(), LevelTroubles, "limit reached", attributes...)
	b.logged, b.since = at, 0
}

// limitFlags are the flags of serve that raise a limit.
var limitFlags = map[server.Limit]string{
	server.LimitUnlogged:       "--max-unlogged, --max-unlogged-per-address",
	server.LimitConnections:    "--max-connections-per-second",
	server.LimitLogins:         "--max-logins-per-second",
	server.LimitPacketSessions: "--max-udp-sessions, --max-udp-sessions-in-all",
}

// clip bounds a text.
func clip(text string) string {
	if len(text) <= maxText {
		return text
	}
	return text[:maxText] + "…"
}
