package driver_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"imcheck/harness/drive"
	"imcheck/harness/driver"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/driverapi"
	"imcheck/protocol/wire"
)

// childRole makes the test binary play a client under test.
const childRole = "IMCHECK_TEST_CLIENT"

func TestMain(m *testing.M) {
	if role := os.Getenv(childRole); role != "" {
		os.Exit(play(role))
	}
	os.Exit(m.Run())
}

const ready = `{"ev":"ready","name":"child","version":"1","transports":["tcp"],"senseModes":["3S"]}`

// play returns the exit code of a client that plays a role. Its argument is an address of
// the test's, where it connects to, so that the test sees when it ends.
func play(role string) int {
	if len(os.Args) > 1 {
		if conn, err := net.Dial("tcp", os.Args[1]); err == nil {
			defer conn.Close()
		}
	}
	fmt.Fprintln(os.Stderr, "a note")
	switch role {
	case "fails":
		return 7
	case "rubbish":
		fmt.Println("Hello!")
	case "late":
		fmt.Println(`{"ev":"login","code":0}`)
	case "stubborn": // whatever it is told
		signal.Ignore(syscall.SIGTERM)
		fmt.Println(ready)
		select {}
	case "crashes":
		fmt.Println(ready)
		_, _ = io.ReadFull(os.Stdin, make([]byte, 1))
		return 3
	case "floods":
		fmt.Println(ready)
		for {
			if _, err := fmt.Println(`{"ev":"sent","code":0}`); err != nil {
				return 0
			}
		}
	case "exits":
		fmt.Println(ready)
		commands := driverapi.NewCommandReader(os.Stdin)
		for {
			c, err := commands.Next()
			if err != nil || c.Do == driverapi.ActionExit {
				return 0
			}
			fmt.Println(`{"ev":"unsupported","do":"` + c.Do + `"}`)
		}
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	return 0
}

// launch starts this test binary in a role. gone waits for its end.
func launch(t *testing.T, role string) (d *driver.Driver, gone func(), err error) {
	t.Helper()
	t.Setenv(childRole, role)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	command, err := driver.NewCommand(fmt.Sprintf("%q '%s'", os.Args[0], l.Addr()))
	if err != nil {
		t.Fatal(err)
	}
	d, err = command.Launch(t.Context())
	return d, func() {
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, _ = io.Copy(io.Discard, conn) // a process that was killed may reset it
	}, err
}

func TestProcess(t *testing.T) {
	d, gone, err := launch(t, "exits")
	if err != nil {
		t.Fatal(err)
	}
	if d.Ready.Name != "child" || len(d.Ready.Transports) != 1 || d.Ready.Transports[0] != wire.TCP {
		t.Errorf("ready: %+v", d.Ready)
	}
	if err := d.Do(driverapi.Command{Do: driverapi.ActionLogout}); err != nil {
		t.Error(err)
	}
	if e := <-d.Events(); e.Kind != driverapi.EventUnsupported || e.Do != driverapi.ActionLogout || e.At.IsZero() {
		t.Errorf("got %v", e)
	}
	d.Stop()
	gone()
	d.Stop() // a second time is allowed
}

// Whatever a process does, it is gone in the end, and its failure says why.
func TestProcessesThatFail(t *testing.T) {
	flood := func(err error) bool { _, ok := errors.AsType[*driverapi.FloodError](err); return ok }
	tests := []struct {
		role  string
		is    func(err error) bool
		wants []string
	}{
		{"crashes", nil, []string{"it ended with exit status 3", "stderr ends with: a note"}},
		{"floods", flood, []string{"a flood"}},
		{"stubborn", nil, nil},
	}
	for _, test := range tests {
		d, gone, err := launch(t, test.role)
		if err != nil {
			t.Fatal(err)
		}
		_ = d.Do(driverapi.Command{Do: driverapi.ActionLogout})
		if test.wants != nil {
			for range d.Events() {
			}
			err := d.Err()
			for _, want := range test.wants {
				if !strings.Contains(err.Error(), want) || test.is != nil && !test.is(err) {
					t.Errorf("%s: %v does not say %q", test.role, err, want)
				}
			}
		}
		d.Stop()
		gone()
	}
}

func TestProcessesThatDoNotStart(t *testing.T) {
	rubbish := func(err error) bool { _, ok := errors.AsType[*driverapi.RubbishError](err); return ok }
	tests := []struct {
		role  string
		is    func(err error) bool
		wants []string
	}{
		{"fails", nil, []string{"launching the client: it ended with exit status 7", "a note", os.Args[0]}},
		{"rubbish", rubbish, []string{`"Hello!"`}},
		{"late", nil, []string{"its first event is not ready, but", `"login"`}},
	}
	for _, test := range tests {
		d, gone, err := launch(t, test.role)
		if _, ok := errors.AsType[*driver.LaunchError](err); !ok || d != nil || test.is != nil && !test.is(err) {
			t.Fatalf("%s: got %v, %v", test.role, d, err)
		}
		for _, want := range test.wants {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v does not say %q", test.role, err, want)
			}
		}
		gone()
	}
	if c, err := driver.NewCommand("./no-such-program"); err != nil {
		t.Error(err)
	} else if _, err := c.Launch(t.Context()); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("got %v", err)
	}
}

// A client that says nothing is given up, in virtual time.
func TestFunctions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent := driver.Function(func(ctx context.Context, in io.Reader, _ io.Writer) error {
			<-ctx.Done()
			return nil
		})
		if _, err := silent.Launch(t.Context()); err == nil || !strings.Contains(err.Error(), "it was not ready within 20s") {
			t.Errorf("got %v", err)
		}
		own := driver.Function(func(ctx context.Context, in io.Reader, out io.Writer) error {
			return drive.Run(ctx, memory.New(), in, out, drive.Options{})
		})
		d, err := own.Launch(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Do(driverapi.Command{Do: driverapi.ActionSend, Send: driverapi.Send{To: "u"}}); err != nil {
			t.Error(err)
		}
		if e := <-d.Events(); e.Kind != driverapi.EventSent || e.Code != wire.CodeNotLoggedIn {
			t.Errorf("got %v", e)
		}
		d.Stop()
	})
}

func TestCommandsAreSplit(t *testing.T) {
	tests := []struct{ command, want string }{
		{"imcheck drive", "imcheck|drive"},
		{"  java\t-cp 'a b.jar:\\c' \"x \\\" y\"\n", `java|-cp|a b.jar:\c|x " y`},
		{`a\ b "" c''d`, "a b||cd"},
		{"", "the command is empty"},
		{"'a", "a quote is not closed"},
		{`a\`, "a backslash ends the command"},
	}
	for _, test := range tests {
		words, err := driver.Split(test.command)
		got := strings.Join(words, "|")
		if err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, test.want) || err == nil && got != test.want {
			t.Errorf("%q: got %q, want %q", test.command, got, test.want)
		}
	}
}
