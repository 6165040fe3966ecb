package driver

import (
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"
)

// A client that starts slowly keeps others from starting until it has loaded its program, or
// for loadTime.
func TestAwaitLoaded(t *testing.T) {
	tests := []struct {
		name string
		does func(d *Driver, out io.Writer)
		want time.Duration
	}{
		{"reports", func(_ *Driver, out io.Writer) {
			time.Sleep(time.Second)
			fmt.Fprintln(out, `{"ev":"sent","code":0}`)
		}, time.Second},
		{"is stopped", func(d *Driver, _ io.Writer) {
			time.Sleep(2 * time.Second)
			d.Stop()
		}, 2 * time.Second},
		{"reports nothing", func(*Driver, io.Writer) {}, loadTime},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				commands, in := io.Pipe()
				out, stdout := io.Pipe()
				go func() {
					_, _ = io.Copy(io.Discard, commands)
					_ = stdout.Close()
				}()
				d := newDriver(in, out, func() string { return "" }, func() {})
				defer d.Stop()
				c := &Command{starting: make(chan struct{}, 1)}
				c.starting <- struct{}{}
				started := time.Now()
				go c.awaitLoaded(d)
				go test.does(d, stdout)
				c.starting <- struct{}{} // the next one
				if took := time.Since(started); took != test.want {
					t.Errorf("another client may start after %v, want %v", took, test.want)
				}
			})
		})
	}
}
