package cli_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"imcheck/cli"
)

// tests are those of this package, whose runs are not what a workflow in which
// they happen is about.
type tests struct{ *testing.M }

// scriptsAtOnce is the number of scripts that run at the same time, whatever the number of
// processors: they wait most of the time.
const scriptsAtOnce = "8"

func (t tests) Run() int {
	os.Unsetenv("GITHUB_STEP_SUMMARY")
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		if err := flag.Set("test.parallel", scriptsAtOnce); err != nil {
			panic(err) // the flag is the testing package's own
		}
	}
	return t.M.Run()
}

func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){
		"imcheck": func() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// TestScripts runs the program as a user does: as processes, over sockets.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			profiles, err := filepath.Abs(filepath.FromSlash("../fixtures/profiles"))
			env.Setenv("PROFILES", profiles)
			return err
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":           exits,
			"server":          startServer,
			"kill-after":      killAfter,
			"interrupt-after": interruptAfter,
			"hangup-after":    hangupAfter,
			"stop-after":      stopAfter,
			"rerun":           rerun,
			"shards":          shards,
			"adds-up":         addsUp,
			"valid":           valid,
			"hostile":         hostileTexts,
			"hostileControl":  hostileControl,
			"harmless":        harmless,
			"small":           small,
			"hides":           hides,
			"proxy":           startProxy,
			"fragile":         startFragile,
		},
	})
}

// exits CODES COMMAND [ARGS]: the command ends with one of these exit codes,
// as in 1 or 0,4.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	got := 0
	err := ts.Exec(args[1], args[2:]...)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if !slices.Contains(strings.Split(args[0], ","), strconv.Itoa(got)) {
		ts.Fatalf("exit code %d instead of %s", got, args[0])
	}
}

// server NAME [FLAGS]: starts the reference server on free ports, and puts
// what it is bound to into NAME_UDP, NAME_TCP, NAME_WS and NAME_CONTROL.
func startServer(ts *testscript.TestScript, _ bool, args []string) {
	name := args[0]
	flags := append([]string{"serve", "--udp", "127.0.0.1:0", "--tcp", "127.0.0.1:0", "--ws", "127.0.0.1:0", "--control", "127.0.0.1:0"}, args[1:]...)
	path, err := exec.LookPath("imcheck")
	ts.Check(err)
	process := exec.Command(path, flags...)
	process.Dir = ts.Getenv("WORK")
	process.Stderr = os.Stderr
	out, err := process.StdoutPipe()
	ts.Check(err)
	ts.Check(process.Start())
	ts.Defer(func() {
		_ = process.Process.Kill() // it may be dead already
		_ = process.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(name+".json"), []byte(line), 0o644))
	var bound struct{ UDP, TCP, WS, Control string }
	ts.Check(json.Unmarshal([]byte(line), &bound))
	for suffix, value := range map[string]string{"UDP": bound.UDP, "TCP": bound.TCP, "WS": bound.WS, "CONTROL": bound.Control, "PID": strconv.Itoa(process.Process.Pid)} {
		ts.Setenv(name+"_"+suffix, value)
	}
}
