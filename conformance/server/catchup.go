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
// users or messages, all of which have the nonce, or names no user.
func (w *world) isOwnEvent(e target.Event) bool {
	return e.User == "" || strings.Contains(e.User, w.nonce) || strings.Contains(e.Fingerprint, w.nonce) ||
		bytes.Contains(e.Message, []byte(w.nonce))
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
	marker := "marker-" + w.nonce
	defer func() {
		_ = conn.Send(wire.NewLogout(marker).Append(nil)) // see Peer.leave
		conn.Close()
	}()
	started := time.Now()
	for known := -1; limited.Err() == nil; {
		_ = conn.Send(LoginMessage(marker, w.target.Token(), 0).Append(nil)) // again, as a datagram may be lost
		waiting, stop := context.WithTimeout(limited, eventsIdle)
		_, err := w.events.Wait(waiting, OfUser(marker))
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
