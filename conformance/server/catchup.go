package server

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"time"

	"imcheck/harness/target"
	"imcheck/protocol/wire"
)

// Bounds of the wait for past events: it ends when none has come for eventsIdle, and
// after eventsLimit at the latest.
const (
	eventsIdle  = time.Second
	eventsLimit = time.Minute
)

// isOwnEvent reports whether an event may be about this run: it names one of its
// users or messages, which have the nonce unless the target knows its users, or names no
// user. Past events of messages, and of users that others may have had before, are not its
// own, and neither are those of messages that are known to be others'.
func (w *world) isOwnEvent(e target.Event) bool {
	if strings.Contains(e.User, w.nonce) || strings.Contains(e.Fingerprint, w.nonce) || bytes.Contains(e.Message, []byte(w.nonce)) {
		return true
	}
	if !w.caughtUp.Load() {
		return e.User == "" && e.Fingerprint == ""
	}
	if e.User == "" {
		return w.target.Beside == nil || !w.target.Beside(e.Fingerprint)
	}
	return w.Lends() && w.users.known[e.User]
}

// catchUp waits until the stream of events has reached the present. A server that has
// run for long may have hundreds of thousands of past events, and a case would miss its
// own among them. A login of the suite's own marks where they end; it also brings the
// head of the stream from a server that sends it with the first event. The error names
// the reason that the stream is missing.
func (w *world) catchUp(ctx context.Context) error {
	kinds := w.target.Transports()
	if len(kinds) == 0 {
		return w.events.AwaitHead(ctx)
	}
	limited, cancel := context.WithTimeout(ctx, eventsLimit)
	defer cancel()
	conn, err := w.target.Dial(limited, kinds[0])
	if err != nil {
		return nil // the cases will say so
	}
	mark, err := w.newMark(ctx, kinds[0])
	if err != nil {
		return err
	}
	defer w.caughtUp.Store(true)
	defer func() {
		_ = conn.Send(wire.NewLogout(mark.user).Append(nil)) // see Peer.leave
		conn.Close()
		mark.done()
	}()
	started := time.Now()
	for known := -1; limited.Err() == nil; {
		for _, m := range mark.sent {
			_ = conn.Send(m.Append(nil)) // again, as a datagram may be lost
		}
		waiting, stop := context.WithTimeout(limited, eventsIdle)
		_, err := w.events.Wait(waiting, mark.isIn)
		stop()
		came := w.events.Total()
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, target.ErrNoEvent):
			return err
		case !w.events.HasHead() && time.Since(started) >= target.CallTimeout:
			return target.ErrNoHead
		case w.events.HasHead() && came == known:
			return nil
		}
		known = came
	}
	return nil
}

// mark is a message whose event shows that the stream of events has reached the present.
type mark struct {
	user string
	sent []wire.Message // that the event comes of
	isIn func(target.Event) bool
	done func()
}

// newMark returns the login of a user that is made up for this; where the target knows its
// users, a message, as such a user may have logged in before.
func (w *world) newMark(ctx context.Context, t wire.Transport) (mark, error) {
	name := "marker-" + w.nonce
	if !w.Lends() {
		return mark{name, []wire.Message{LoginMessage(name, w.target.Token(), 0)}, OfUser(name), func() {}}, nil
	}
	borrowed, err := w.Lend(ctx, 1)
	if err != nil {
		return mark{}, err
	}
	account := w.users.account(borrowed.(*loan).Number(0), t)
	m := wire.NewQoSData(account.ID, wire.ServerID, name, name)
	return mark{account.ID, []wire.Message{account.Login(0), m}, WithFingerprint(name), borrowed.Return}, nil
}
