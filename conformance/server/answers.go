package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// answerPace is the time between two echoes that show how busy the target is, and
// answerPatience how long one is waited for.
const (
	answerPace     = 100 * time.Millisecond
	answerPatience = 5 * time.Second
)

// watchAnswers notes how long the target takes to answer echoes on a connection of
// its own, until ctx is done.
func (w *world) watchAnswers(ctx context.Context, kind wire.Transport) {
	for ctx.Err() == nil {
		dialing, cancel := context.WithTimeout(ctx, answerPatience)
		conn, err := w.target.Dial(dialing, kind)
		cancel()
		if err == nil {
			stop := context.AfterFunc(ctx, func() { conn.Close() })
			w.askAgainAndAgain(ctx, conn)
			stop()
			conn.Close()
		}
		pause(ctx, answerPace) // what is wrong with the target is for others to say
	}
}

// askAgainAndAgain makes round trips until one fails. On a stream silence for as
// long as answerPatience is noted too; a datagram may have been lost (§7).
func (w *world) askAgainAndAgain(ctx context.Context, conn transport.Conn) {
	for n := 0; ctx.Err() == nil; n++ {
		echo := wire.NewEcho("busy?", fmt.Sprint(n))
		sent := time.Now()
		if conn.Send(echo.Append(nil)) != nil || conn.SetReceiveDeadline(sent.Add(answerPatience)) != nil {
			return
		}
		_, err := conn.Receive()
		if ended, _ := errors.AsType[*transport.CloseError](err); err == nil || conn.Transport().Connected() && ended != nil && ended.Reason == transport.Timeout {
			w.slowness.Note(time.Now(), time.Since(sent))
		}
		if err != nil {
			return
		}
		pause(ctx, answerPace)
	}
}
