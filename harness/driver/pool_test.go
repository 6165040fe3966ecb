package driver_test

import (
	"context"
	"fmt"
	"io"
	"testing"
	"testing/synctest"

	"imcheck/harness/driver"
	"imcheck/protocol/driverapi"
)

const reusable = `{"ev":"ready","name":"n","version":"1","transports":["tcp"],"senseModes":["3S"],"reusable":true}`

// clients are clients under test that count how many of them run.
type clients struct{ started, running int }

// launcher returns clients that say that they are ready, and then do to each command what
// act does, which may write; false ends them.
func (c *clients) launcher(ready string, act func(e driverapi.Command, out io.Writer) bool) driver.Function {
	return func(ctx context.Context, in io.Reader, out io.Writer) error {
		c.started++
		c.running++
		defer func() { c.running-- }()
		fmt.Fprintln(out, ready)
		for reader := driverapi.NewCommandReader(in); ; {
			command, err := reader.Next()
			if err != nil || command.Do == driverapi.ActionExit || !act(command, out) {
				return err
			}
		}
	}
}

func TestPool(t *testing.T) {
	answers := func(text string, goesOn bool) func(driverapi.Command, io.Writer) bool {
		return func(c driverapi.Command, out io.Writer) bool {
			if c.Do == driverapi.ActionReset {
				fmt.Fprint(out, text)
				return goesOn
			}
			return true
		}
	}
	left := `{"ev":"linkclose","code":-1}` + "\n" // by the case that ends
	tests := []struct {
		name, ready string
		act         func(driverapi.Command, io.Writer) bool
		kept        bool
	}{
		{"resets itself", reusable, answers(left+reusable+"\n", true), true},
		{"does not say that it can", ready, answers(reusable+"\n", true), false},
		{"says nothing", reusable, answers("", true), false},
		{"ends", reusable, answers("", false), false},
		{"ends once it is ready", reusable, answers(reusable+"\n", false), false},
		{"cannot after all", reusable, answers(`{"ev":"unsupported","do":"reset"}`+"\n", true), false},
		{"writes rubbish", reusable, answers("rubbish\n", true), false},
		{"goes on about the case before", reusable, answers(reusable+"\n"+left, true), false},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			var c clients
			pool := driver.NewPool(c.launcher(test.ready, test.act))
			first := launched(t, pool.Launch)
			pool.Return(first)
			synctest.Wait()
			second := launched(t, pool.Launch)
			if kept := first == second; kept != test.kept || kept != (second.Played == 1) || kept != (c.started == 1) || c.running != 1 {
				t.Errorf("%s: kept is %v, having played %d; %d were started and %d run", test.name, kept, second.Played, c.started, c.running)
			}
			if fresh := launched(t, pool.Fresh); fresh == second || fresh.Played != 0 {
				t.Errorf("%s: a fresh client has played %d cases", test.name, fresh.Played)
			} else {
				fresh.Stop()
			}
			pool.Return(second)
			pool.Close()
			if c.running != 0 {
				t.Errorf("%s: %d clients run after the end", test.name, c.running)
			}
		})
	}
}

// A client that is given back after the end is stopped.
func TestReturnAfterClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c clients
		pool := driver.NewPool(c.launcher(reusable, func(_ driverapi.Command, out io.Writer) bool {
			fmt.Fprintln(out, reusable)
			return true
		}))
		d := launched(t, pool.Launch)
		pool.Close()
		if pool.Return(d); c.running != 0 {
			t.Error("it runs on")
		}
	})
}

// What a client may write is bounded for each case, not for all of them.
func TestBoundsOfEachCase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c clients
		pool := driver.NewPool(c.launcher(reusable, func(e driverapi.Command, out io.Writer) bool {
			if e.Do == driverapi.ActionReset {
				fmt.Fprintln(out, reusable)
				return true
			}
			for range driverapi.MaxLines / 2 {
				fmt.Fprintln(out, `{"ev":"sent","code":0}`)
			}
			fmt.Fprintln(out, `{"ev":"unsupported","do":"logout"}`)
			return true
		}))
		defer pool.Close()
		for n := range 4 {
			d := launched(t, pool.Launch)
			if d.Played != n {
				t.Fatalf("case %d is played by a client that has played %d", n, d.Played)
			}
			if err := d.Do(driverapi.Command{Do: driverapi.ActionLogout}); err != nil {
				t.Fatal(err)
			}
			for e := range d.Events() {
				if e.Kind == driverapi.EventUnsupported {
					break
				}
			}
			pool.Return(d)
		}
	})
}

func launched(t *testing.T, launch func(context.Context) (*driver.Driver, error)) *driver.Driver {
	t.Helper()
	d, err := launch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d
}
