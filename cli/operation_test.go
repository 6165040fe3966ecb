package cli_test

import (
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// servers are the servers that scripts have started, by process ID.
var servers sync.Map

// stopPatience is the time within which a server has to have stopped.
const stopPatience = 5 * time.Second

// terminated NAME CODE: tells a server to stop, which has to end with the code within 5 s. What
// it has said on stderr is in NAME.err.
func terminated(ts *testscript.TestScript, _ bool, args []string) {
	process := processOf(ts, args[0])
	known, _ := servers.Load(process.Pid)
	command := known.(*exec.Cmd)
	ts.Check(process.Signal(syscall.SIGTERM))
	tooLong := time.AfterFunc(stopPatience, func() { _ = process.Kill() })
	_ = command.Wait() // the exit code says it all
	if !tooLong.Stop() {
		ts.Fatalf("the server has not stopped within %v", stopPatience)
	}
	if code := strconv.Itoa(command.ProcessState.ExitCode()); code != args[1] {
		ts.Fatalf("exit code %s instead of %s", code, args[1])
	}
}

// fetched STATUS URL FILE: writes what is served at a URL with a status to a file.
func fetched(ts *testscript.TestScript, _ bool, args []string) {
	request, err := http.NewRequest(http.MethodGet, args[1], nil)
	ts.Check(err)
	answer, err := http.DefaultClient.Do(request)
	ts.Check(err)
	defer answer.Body.Close()
	if status := strconv.Itoa(answer.StatusCode); status != args[0] {
		ts.Fatalf("%s has status %s instead of %s", args[1], status, args[0])
	}
	file, err := os.Create(ts.MkAbs(args[2]))
	ts.Check(err)
	defer file.Close()
	_, err = file.ReadFrom(answer.Body)
	ts.Check(err)
}

// metricsOf URL FOLDER: writes the metrics of a server in each format to FOLDER/text and so on,
// which have to be well formed.
func metricsOf(ts *testscript.TestScript, _ bool, args []string) {
	saveMetrics(ts, args[0], ts.MkAbs(args[1]))
}
