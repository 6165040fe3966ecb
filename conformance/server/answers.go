package server

import (
	"context"
	"errors"
	"fmt"
	"time"

	"imcheck/harness/machine"
	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// answerInterval is the time between two echoes that show how busy the target is, and
// answerTimeout bounds the wait for one.
const (
	answerInterval = 100 * time.Millisecond
	answerTimeout  = 5 * time.Second
)

// unwatched is longer than any run: that no answer has come for a while makes none late.
const unwatched = 24 * time.Hour

// watchAnswers notes how long the target takes to answer echoes on a connection of
// its own, until ctx is done.
func (w *world) watchAnswers(ctx context.Context, kind wire.Transport) {
	for ctx.Err() == nil {
		dialing, cancel := context.WithTimeout(ctx, answerTimeout)
		conn, err := w.target.Dial(dialing, kind)
		cancel()
		if err == nil {
			stop := context.AfterFunc(ctx, func() { conn.Close() })
			w.measureAnswers(ctx, conn)
			stop()
			conn.Close()
		}
		machine.Sleep(ctx, answerInterval) // what is wrong with the target is for others to say
	}
}

// measureAnswers makes round trips until one fails. On a stream silence for as
// long as answerTimeout is noted too; a datagram may have been lost (§7).
func (w *world) measureAnswers(ctx context.Context, conn transport.Conn) {
	for n := 0; ctx.Err() == nil; n++ {
		echo := wire.NewEcho("busy?", fmt.Sprint(n))
		sent := time.Now()
		if conn.Send(echo.Append(nil)) != nil || conn.SetReceiveDeadline(sent.Add(answerTimeout)) != nil {
			return
		}
		_, err := conn.Receive()
		if ended, _ := errors.AsType[*transport.CloseError](err); err == nil || conn.Transport().Connected() && ended != nil && ended.Reason == transport.Timeout {
			w.slowness.Note(time.Now(), time.Since(sent))
		}
		if err == nil {
			w.answered.Note(time.Now(), time.Since(sent))
		}
		if err != nil {
			return
		}
		machine.Sleep(ctx, answerInterval)
	}
}
