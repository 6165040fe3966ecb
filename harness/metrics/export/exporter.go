package export

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// Bounds of the time that a receiver can take.
const (
	Timeout   = 5 * time.Second // of one export while the run lasts
	FinalTime = 5 * time.Second // of the last export, with all attempts at it
)

// Pauses between attempts at the last export.
const (
	firstPause   = 200 * time.Millisecond
	longestPause = time.Second
)

// Config describes what is sent where.
type Config struct {
	Receiver  Receiver
	Origin    Origin
	Source    Source
	Every     time.Duration
	Transport http.RoundTripper // nil for connections of its own, over the proxy that the environment names, if any
	Failed    func(error)       // told each time that figures were not taken, on the exporter's goroutine; may be nil
}

// Result says what became of the exports of a run.
type Result struct {
	Sent    int64  // exports that were taken
	Failed  int64  // exports that were not
	Skipped int64  // times at which the one before was still under way
	End     bool   // the last export was taken, which has the figures of the end
	Error   string // why the latest of Failed was not taken
}

// Exporter sends the figures of a run at an interval, and a last time at its end. It has one
// goroutine and one request under way, so that a receiver that is slow, refuses or is gone holds up
// nothing but the exports. One that fails is not repeated, as the next has everything so far; the
// last is, as long as FinalTime lasts.
type Exporter struct {
	config Config
	poster *poster
	finish chan struct{}
	once   sync.Once
	done   chan struct{}
	result Result // of the goroutine until done is closed
}

// Start begins to send.
func Start(c Config) *Exporter {
	e := &Exporter{config: c, poster: newPoster(c.Receiver, c.Transport), finish: make(chan struct{}), done: make(chan struct{})}
	go e.run()
	return e
}

// Finish begins the last export: the figures are to be those of the end. It does not wait.
func (e *Exporter) Finish() { e.once.Do(func() { close(e.finish) }) }

// Result finishes, and returns once that is over, after FinalTime at the latest.
func (e *Exporter) Result() Result {
	e.Finish()
	<-e.done
	return e.result
}

// run exports until it is to finish.
func (e *Exporter) run() {
	defer close(e.done)
	defer e.poster.client.CloseIdleConnections()
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() { // an export that is under way gives way to the last one
		select {
		case <-e.finish:
			stop()
		case <-ctx.Done():
		}
	}()
	due := time.Now().Add(e.config.Every)
	timer := time.NewTimer(e.config.Every)
	defer timer.Stop()
	for {
		select {
		case <-e.finish:
			e.exportLast()
			return
		case <-timer.C:
		}
		if ctx.Err() != nil {
			continue
		}
		limited, cancel := context.WithTimeout(ctx, Timeout)
		err := e.export(limited)
		cancel()
		if ctx.Err() == nil {
			e.note(err)
		}
		missed := max(0, time.Since(due)/e.config.Every)
		e.result.Skipped += int64(missed)
		due = due.Add((missed + 1) * e.config.Every)
		timer.Reset(time.Until(due))
	}
}

// exportLast exports until it succeeds, is refused for good, or FinalTime is over.
func (e *Exporter) exportLast() {
	ctx, cancel := context.WithTimeout(context.Background(), FinalTime)
	defer cancel()
	err := e.export(ctx)
	for pause := firstPause; err != nil && err != errNothing && !lasting(err); pause = min(2*pause, longestPause) {
		wait := time.NewTimer(pause)
		select {
		case <-wait.C:
		case <-ctx.Done():
			wait.Stop()
		}
		if ctx.Err() != nil {
			break
		}
		if again := e.export(ctx); again == nil || ctx.Err() == nil { // else the earlier error says more
			err = again
		}
	}
	e.note(err)
	e.result.End = err == nil
}

// errNothing is that there are no figures yet.
var errNothing = &Error{Reason: "there are no figures"}

// export sends all figures once.
func (e *Exporter) export(ctx context.Context) error {
	figures, err := gather(e.config.Source, time.Now())
	if err != nil {
		return err
	}
	if len(figures.families) == 0 {
		return errNothing
	}
	return e.config.Receiver.Protocol.send(ctx, e.poster, e.config.Origin, figures)
}

// note counts what became of an export.
func (e *Exporter) note(err error) {
	switch {
	case err == nil:
		e.result.Sent++
	case err != errNothing:
		e.result.Failed++
		e.result.Error = err.Error()
		if e.config.Failed != nil {
			e.config.Failed(err)
		}
	}
}
