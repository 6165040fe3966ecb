package target_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
)

// childRole makes the test binary play a server that is launched.
const childRole = "IMCHECK_TEST_CHILD"

func TestMain(m *testing.M) {
	if role := os.Getenv(childRole); role != "" {
		os.Exit(playChild(role, os.Args[1:]))
	}
	os.Exit(m.Run())
}

// playChild returns the child process. Its last argument, where it has one, is an
// address of the test's: it connects there, so that the test sees when it ends.
func playChild(role string, args []string) int {
	interrupted, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	switch role {
	case "fails":
		fmt.Fprintln(os.Stderr, "cannot open the database")
		return 7
	case "silent": // serves nothing, and ends when it is asked to
		<-interrupted.Done()
		return 0
	case "launcher": // a harness that is killed while its server runs
		os.Setenv(childRole, "stubborn")
		p := &target.Profile{Recipe: recipe(args...)}
		if _, _, err := p.Launch(context.Background(), timing.DefaultModes()); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		select {}
	}
	s, err := reference.Start(reference.Config{
		Network: transport.OS{}, Addresses: [...]string{wire.UDP: args[0], wire.TCP: args[1], wire.WS: ""}, Control: args[2],
		Modes: timing.DefaultModes(), Limits: server.DefaultLimits,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer s.Close()
	conn, err := net.Dial("tcp", args[3])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer conn.Close()
	says := os.Stdout
	if role == "serves, and says so on stderr" {
		says = os.Stderr
	}
	fmt.Fprintln(says, "starting")
	fmt.Fprintln(says, "up, in mode", args[4])
	if role == "stubborn" {
		_, _ = io.Copy(io.Discard, conn) // whatever it is asked, until the test is gone
		return 0
	}
	<-interrupted.Done()
	_, _ = io.WriteString(conn, "asked to end\n")
	return 0
}

// recipe launches this test binary. last are further arguments.
func recipe(last ...string) *target.Recipe {
	return &target.Recipe{
		Command:      append([]string{os.Args[0], "{udp}", "127.0.0.1:{tcp.port}", "{control}"}, last...),
		Ready:        regexp.MustCompile("^up, in mode"),
		StartTimeout: time.Minute, StopTimeout: time.Minute,
		Modes: [len(wire.Transports)][]timing.SenseMode{wire.UDP: {timing.Mode3S, timing.Mode10S}, wire.TCP: {timing.Mode15S, timing.Mode10S}},
	}
}

// listener returns where a child connects to; its address is the one to hand over.
func listener(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// lastWords waits for the end of the child that connected, and returns what it
// sent before.
func lastWords(t *testing.T, l net.Listener) string {
	t.Helper()
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	words, _ := io.ReadAll(conn) // a child that was killed may reset the connection
	return string(words)
}

func TestLaunch(t *testing.T) {
	t.Setenv(childRole, "serves")
	watch := listener(t)
	p := &target.Profile{Name: "under test", Recipe: recipe(watch.Addr().String(), "{senseMode.tcp}")}
	modes := timing.Modes{timing.Mode3S, timing.Mode10S, timing.Mode15S}
	under, process, err := p.Launch(t.Context(), modes)
	if err != nil {
		t.Fatal(err)
	}
	defer process.Stop()
	if err := under.Discover(t.Context(), wait); err != nil {
		t.Error(err)
	}
	if under.Modes != modes || under.Addresses[wire.WS] != "" || under.Control == "" {
		t.Errorf("launched %+v", under)
	}
	process.Stop()
	if words := lastWords(t, watch); words != "asked to end\n" {
		t.Errorf("before it ended the server said %q", words)
	}
	expectUnreachable(t, under.Probe(t.Context(), wire.TCP, wait), "tcp", under.Addresses[wire.TCP])
	process.Stop() // a second time is allowed
}

// A server may say on stderr that it is ready, as those that log there do.
func TestLaunchReadyOnStderr(t *testing.T) {
	t.Setenv(childRole, "serves, and says so on stderr")
	watch := listener(t)
	p := &target.Profile{Recipe: recipe(watch.Addr().String(), "{senseMode.udp}")}
	_, process, err := p.Launch(t.Context(), p.LaunchModes())
	if err != nil {
		t.Fatal(err)
	}
	process.Stop()
	if words := lastWords(t, watch); words != "asked to end\n" {
		t.Errorf("before it ended the server said %q", words)
	}
}

// A server that does not end when it is asked to is killed.
func TestLaunchStubborn(t *testing.T) {
	t.Setenv(childRole, "stubborn")
	watch := listener(t)
	p := &target.Profile{Recipe: recipe(watch.Addr().String(), "{senseMode.udp}")}
	p.Recipe.StopTimeout = 10 * time.Millisecond
	_, process, err := p.Launch(t.Context(), p.LaunchModes())
	if err != nil {
		t.Fatal(err)
	}
	process.Stop()
	if words := lastWords(t, watch); words != "" {
		t.Errorf("the stubborn server said %q", words)
	}
}

func TestLaunchFails(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	tests := []struct {
		name, role string
		ctx        context.Context
		change     func(p *target.Profile, modes *timing.Modes)
		want       []string
	}{
		{"it ends at once", "fails", t.Context(), nil,
			[]string{"it ended with exit status 7 before it was ready", "cannot open the database", os.Args[0] + " 127.0.0.1:", "launch in the profile"}},
		{"it never says that it is ready", "silent", t.Context(),
			func(p *target.Profile, _ *timing.Modes) { p.Recipe.StartTimeout = 50 * time.Millisecond },
			[]string{"it was not ready within 50ms: no line of its stdout or stderr matches launch.ready"}},
		{"it never answers", "silent", t.Context(),
			func(p *target.Profile, _ *timing.Modes) {
				p.Recipe.StartTimeout, p.Recipe.Ready = 50*time.Millisecond, nil
			},
			[]string{"it was not ready within 50ms", "no server answers on udp 127.0.0.1:"}},
		{"nobody waits", "silent", ended, nil, []string{"context canceled"}},
		{"no such program", "silent", t.Context(),
			func(p *target.Profile, _ *timing.Modes) { p.Recipe.Command[0] = "./no-such-program" },
			[]string{"./no-such-program: no such file or directory"}},
		{"a mode that it has not", "silent", t.Context(),
			func(_ *target.Profile, modes *timing.Modes) { modes[wire.TCP] = timing.Mode120S },
			[]string{"sense mode 120S on tcp is not among those of launch.senseModes"}},
		{"modes that differ", "silent", t.Context(),
			func(p *target.Profile, modes *timing.Modes) {
				p.Recipe.Command = append(p.Recipe.Command, "{senseMode}")
				modes[wire.TCP] = timing.Mode10S
			},
			[]string{"10S on tcp and 3S on udp", "use {senseMode.udp}"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv(childRole, test.role)
			p := &target.Profile{Recipe: recipe()}
			modes := timing.Modes{timing.Mode3S, timing.Mode15S, timing.Mode15S}
			if test.change != nil {
				test.change(p, &modes)
			}
			_, process, err := p.Launch(test.ctx, modes)
			if _, ok := errors.AsType[*target.LaunchError](err); !ok || process != nil {
				t.Fatalf("%v, %v; want a LaunchError", process, err)
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q\ndoes not say %q", err, want)
				}
			}
		})
	}
}

// TestNoOrphan kills a harness, and its server has to go with it.
func TestNoOrphan(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux ends a process with the one that started it")
	}
	watch := listener(t)
	harness := exec.Command(os.Args[0], watch.Addr().String(), "{senseMode.udp}")
	harness.Env = append(os.Environ(), childRole+"=launcher")
	harness.Stderr = os.Stderr
	if err := harness.Start(); err != nil {
		t.Fatal(err)
	}
	conn, err := watch.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := harness.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = harness.Wait() // killed
	if err := conn.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the server goes on: %v", err)
	}
}
