package cli_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/protocol/controlapi"
)

var rerunLine = regexp.MustCompile(`(?m)^ *rerun +(imcheck .+)$`)

// rerun CODES CASE: runs the command that the last summary prints for running
// a case again, as a shell reads it. It ends with one of these exit codes.
func rerun(ts *testscript.TestScript, _ bool, args []string) {
	printed := rerunLine.FindAllStringSubmatch(ts.ReadFile("stdout"), -1)
	i := slices.IndexFunc(printed, func(match []string) bool { return strings.Contains(match[1], "--case "+args[1]+" ") })
	if i < 0 {
		ts.Fatalf("no command for %s among %d", args[1], len(printed))
	}
	exits(ts, false, []string{args[0], "sh", "-c", printed[i][1]})
}

// interrupt-after NAME LOGINS COMMAND [ARGS]: runs a command, sends it an
// interrupt as soon as so many users have logged in at a server, and has to
// see it exit with 3.
func interruptAfter(ts *testscript.TestScript, _ bool, args []string) {
	code := disturbed(ts, args[0], args[1], args[2:], func(p *os.Process) {
		_ = p.Signal(os.Interrupt) // it may have ended
	})
	if code != 3 {
		ts.Fatalf("exit code %d instead of 3", code)
	}
}

// hangup-after NAME LOGINS COMMAND [ARGS]: as interrupt-after, but with the signal that
// the end of its terminal is, twice: by the shell and by the terminal itself.
func hangupAfter(ts *testscript.TestScript, _ bool, args []string) {
	code := disturbed(ts, args[0], args[1], args[2:], func(p *os.Process) {
		_ = p.Signal(syscall.SIGHUP) // it may have ended
		_ = p.Signal(syscall.SIGHUP)
	})
	if code != 3 {
		ts.Fatalf("exit code %d instead of 3", code)
	}
}

// stop-after NAME LOGINS SECONDS CODE COMMAND [ARGS]: runs a command, stops it as soon
// as so many users have logged in at a server, lets it go on after so many seconds, and
// has to see it exit with a code.
func stopAfter(ts *testscript.TestScript, _ bool, args []string) {
	seconds, err := strconv.Atoi(args[2])
	ts.Check(err)
	code := disturbed(ts, args[0], args[1], args[4:], func(p *os.Process) {
		kill := func(signal string) { _ = exec.Command("kill", signal, strconv.Itoa(p.Pid)).Run() } // the exit code tells
		kill("-STOP")
		time.AfterFunc(time.Duration(seconds)*time.Second, func() { kill("-CONT") })
	})
	if args[3] != strconv.Itoa(code) {
		ts.Fatalf("exit code %d instead of %s", code, args[3])
	}
}

// disturbed runs a command, and disturbs it as soon as so many users have logged in at
// a server. It returns the exit code.
func disturbed(ts *testscript.TestScript, server, logins string, words []string, disturb func(*os.Process)) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	reached := afterLogins(ctx, ts, server, logins)
	path, err := exec.LookPath(words[0])
	ts.Check(err)
	command := exec.Command(path, words[1:]...)
	command.Dir, command.Stdout, command.Stderr = ts.Getenv("WORK"), ts.Stdout(), ts.Stderr()
	ts.Check(command.Start())
	go func() {
		if <-reached {
			disturb(command.Process)
		}
	}()
	_ = command.Wait() // the exit code says it all
	return command.ProcessState.ExitCode()
}

// afterwards has something done as soon as so many users have logged in at a server; the
// script goes on meanwhile, and ctx ends with it.
func afterwards(ts *testscript.TestScript, server, logins string, do func(ctx context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	ts.Defer(cancel)
	reached := afterLogins(ctx, ts, server, logins)
	go func() {
		if <-reached {
			do(ctx)
		}
	}()
}

// processOf returns the process of a name.
func processOf(ts *testscript.TestScript, name string) *os.Process {
	pid, err := strconv.Atoi(ts.Getenv(name + "_PID"))
	ts.Check(err)
	process, err := os.FindProcess(pid)
	ts.Check(err)
	return process
}

// kill-after NAME LOGINS: kills a server as soon as so many users have logged
// in; the script goes on meanwhile.
func killAfter(ts *testscript.TestScript, _ bool, args []string) {
	process := processOf(ts, args[0])
	afterwards(ts, args[0], args[1], func(context.Context) { _ = process.Kill() })
}

// reload-after NAME LOGINS OTHER: has another process load its configuration anew as soon as
// so many users have logged in at a server; the script goes on meanwhile.
func reloadAfter(ts *testscript.TestScript, _ bool, args []string) {
	process := processOf(ts, args[2])
	afterwards(ts, args[0], args[1], func(context.Context) {
		_ = process.Signal(syscall.SIGHUP) // what is missing shows in the script
	})
}

// copy-after NAME LOGINS FROM TO: copies a file over another as soon as so many users have
// logged in at a server; the script goes on meanwhile.
func copyAfter(ts *testscript.TestScript, _ bool, args []string) {
	text, err := os.ReadFile(ts.MkAbs(args[2]))
	ts.Check(err)
	to := ts.MkAbs(args[3])
	afterwards(ts, args[0], args[1], func(context.Context) {
		_ = os.WriteFile(to+".new", text, 0o666) // what is missing shows in the script
		_ = os.Rename(to+".new", to)
	})
}

// stream-after NAME LOGINS ADDRESS TO: listens on an address as soon as so many users have
// logged in at a server, and passes streams on from there; the script goes on meanwhile.
func streamAfter(ts *testscript.TestScript, _ bool, args []string) {
	afterwards(ts, args[0], args[1], func(ctx context.Context) {
		listener, err := net.Listen("tcp", args[2])
		if err != nil {
			return // what is missing shows in the script
		}
		context.AfterFunc(ctx, func() { listener.Close() })
		passStreams(listener, args[3])
	})
}

// afterLogins sends true once so many users, probes aside, have logged in at a
// server from now on, and false when ctx ended first.
func afterLogins(ctx context.Context, ts *testscript.TestScript, server, logins string) <-chan bool {
	many, err := strconv.Atoi(logins)
	ts.Check(err)
	events, err := target.NewControl(transport.OS{}, ts.Getenv(server+"_CONTROL")).Follow(ctx)
	ts.Check(err)
	reached := make(chan bool, 1)
	go func() {
		seen := 0
		_, err := events.Wait(ctx, func(e target.Event) bool {
			if e.Event == controlapi.EventLogin && !strings.HasPrefix(e.User, "probe") {
				seen++
			}
			return seen >= many
		})
		reached <- err == nil
	}()
	return reached
}
