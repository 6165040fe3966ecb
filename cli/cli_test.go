package cli_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"imcheck/cli"
	"imcheck/internal/childprocess"
)

// tests are those of this package, whose runs are not what a workflow in which
// they happen is about.
type tests struct{ *testing.M }

// scriptsAtOnce is the number of scripts that run at the same time, whatever the number of
// processors: they wait most of the time.
const scriptsAtOnce = "8"

func (t tests) Run() int {
	os.Unsetenv("GITHUB_ACTIONS")
	os.Unsetenv("GITHUB_STEP_SUMMARY")
	for _, variable := range os.Environ() { // those that would be flags of all commands
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "IMCHECK_") {
			os.Unsetenv(name)
		}
	}
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

// peakFile is the variable with the file that the program writes its largest resident size to.
// The system's own figure of a child is no smaller than its parent was when it started.
const peakFile = "PEAK_FILE"

func writePeak(file string) {
	peak, err := childprocess.PeakResident(os.Getpid())
	if err == nil {
		err = os.WriteFile(file, strconv.AppendInt(nil, peak, 10), 0o666)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "write the largest resident size:", err)
	}
}

func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){
		"imcheck": func() {
			if table := os.Getenv("HOSTS"); table != "" {
				cli.UseResolver(hostsFile(table))
			}
			code := cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
			if file := os.Getenv(peakFile); file != "" {
				writePeak(file)
			}
			os.Exit(code)
		},
	})
}

var thorough = flag.Bool("thorough", false, "run the scripts that take longest as well")

// TestScripts runs the program as a user does: as processes, over sockets.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Condition: func(name string) (bool, error) {
			switch name {
			case "nginx":
				return hasNginx()
			case "thorough":
				return *thorough, nil
			}
			return false, fmt.Errorf("the condition %q is unknown", name)
		},
		Setup: func(env *testscript.Env) error {
			profiles, err := filepath.Abs(filepath.FromSlash("../fixtures/profiles"))
			env.Setenv("PROFILES", profiles)
			env.Setenv("DOCS", filepath.Join(profiles, "..", "..", "docs"))
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
			"finds":           finds,
			"hostile":         hostileTexts,
			"hostileControl":  hostileControl,
			"harmless":        harmless,
			"small":           small,
			"hides":           hides,
			"proxy":           startProxy,
			"fragile":         startFragile,
			"gateway":         startGateway,
			"certificates":    makeCertificates,
			"nowhere":         nowhere,
			"copy-after":      copyAfter,
			"reload-after":    reloadAfter,
			"stream-after":    streamAfter,
			"nginx":           startNginx,
			"recipes":         recipes,
			"tutorial":        tutorial,
			"scraped":         scraped,
			"terminated":      terminated,
			"fetched":         fetched,
			"metrics-of":      metricsOf,
			"dashboards":      checkDashboards,
			"receiver":        startReceiver,
			"received":        receivedAt,
			"same-figures":    sameFigures,
			"comers":          comers,
			"converse":        converse,
			"relayed":         startRelay,
			"tell":            tellRelay,
			"ended":           endRelay,
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

// recipes FILE: every imcheck command in the code of a document ends well. Of an exit code 4
// this machine is the cause.
func recipes(ts *testscript.TestScript, _ bool, args []string) {
	text, err := os.ReadFile(args[0])
	ts.Check(err)
	run := 0
	for _, block := range cli.CodeBlocks(string(text)) {
		if !strings.Contains(block, "imcheck") { // a configuration is no script
			continue
		}
		commands, err := cli.CommandsIn(block)
		ts.Check(err)
		for _, words := range commands {
			if words[0] == "imcheck" {
				exits(ts, false, append([]string{"0,4"}, words...))
				run++
			}
		}
	}
	if run == 0 {
		ts.Fatalf("%s has no command", args[0])
	}
}

// hostsFile is a resolver with a file of names, each with its addresses on a line. It is
// read for every lookup, so that a test can change it.
type hostsFile string

func (f hostsFile) LookupNetIP(_ context.Context, _, host string) (found []netip.Addr, err error) {
	text, err := os.ReadFile(string(f))
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] != host {
			continue
		}
		for _, field := range fields[1:] {
			found = append(found, netip.MustParseAddr(field))
		}
	}
	if err == nil && len(found) == 0 {
		err = errors.New("no such host")
	}
	return found, err
}

// server NAME [FLAGS]: starts the reference server on free ports, with its stderr in NAME.err, and
// puts what it is bound to into NAME_UDP, NAME_TCP, NAME_WS and NAME_CONTROL.
func startServer(ts *testscript.TestScript, _ bool, args []string) {
	name := args[0]
	flags := append([]string{"serve"}, args[1:]...)
	for _, flag := range []string{"--udp", "--tcp", "--ws", "--control"} {
		if !slices.Contains(args, flag) {
			flags = append(flags, flag, "127.0.0.1:0")
		}
	}
	path, err := exec.LookPath("imcheck")
	ts.Check(err)
	process := exec.Command(path, flags...)
	process.Dir = ts.Getenv("WORK")
	complaints, err := os.Create(ts.MkAbs(name + ".err"))
	ts.Check(err)
	ts.Defer(func() { _ = complaints.Close() })
	process.Stderr = io.MultiWriter(os.Stderr, complaints)
	out, err := process.StdoutPipe()
	ts.Check(err)
	ts.Check(process.Start())
	servers.Store(process.Process.Pid, process)
	ts.Defer(func() {
		servers.Delete(process.Process.Pid)
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
