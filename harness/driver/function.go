package driver

import (
	"context"
	"errors"
	"io"
)

// Function is a Launcher of clients that are functions of this process, such as Run of
// package drive: they read commands until they are told to exit, and write events.
type Function func(ctx context.Context, in io.Reader, out io.Writer) error

// Launch calls the function on a goroutine of its own.
func (f Function) Launch(ctx context.Context) (*Driver, error) {
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	commands, in := io.Pipe()
	out, events := io.Pipe()
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		err := f(own, commands, events)
		if err == nil {
			err = errors.New("it ended")
		}
		_ = commands.CloseWithError(err)
		_ = events.CloseWithError(err)
	}()
	d := newDriver(in, out, func() string { return "" }, func() {
		cancel()
		_ = out.Close() // what is written from now on is nobody's
		_ = commands.CloseWithError(io.ErrClosedPipe)
		<-finished
	})
	if err := d.awaitReady(ctx, readyTime); err != nil {
		return nil, &LaunchError{Err: err}
	}
	return d, nil
}
