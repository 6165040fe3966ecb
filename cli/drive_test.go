package cli_test

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

var portOf = regexp.MustCompile(`PORT\((\w+)\)`)

// converse FILE COMMAND [ARGS]: runs a command and has a conversation with it, line by line:
// what follows "> " is written to its stdin, and of what it writes to stdout the next line
// has to match the pattern after "< ". PORT(NAME) is the port of the address in a variable.
// In the end the command has to exit with code 0.
func converse(ts *testscript.TestScript, _ bool, args []string) {
	path, err := exec.LookPath(args[1])
	ts.Check(err)
	process := exec.Command(path, args[2:]...)
	process.Dir, process.Stderr = ts.Getenv("WORK"), os.Stderr
	in, err := process.StdinPipe()
	ts.Check(err)
	out, err := process.StdoutPipe()
	ts.Check(err)
	ts.Check(process.Start())
	ts.Defer(func() { _ = process.Process.Kill() }) // it may be dead already
	lines := bufio.NewScanner(out)
	for step := range strings.Lines(ts.ReadFile(args[0])) {
		step = strings.TrimSuffix(step, "\n")
		if text, ok := strings.CutPrefix(step, "> "); ok {
			_, err := in.Write([]byte(withPorts(ts, text) + "\n"))
			ts.Check(err)
		}
		if pattern, ok := strings.CutPrefix(step, "< "); ok {
			if !lines.Scan() {
				ts.Fatalf("stdout ended before %s: %v", pattern, lines.Err())
			}
			if !regexp.MustCompile(pattern).Match(lines.Bytes()) {
				ts.Fatalf("stdout has %s, want %s", lines.Text(), pattern)
			}
		}
	}
	if lines.Scan() {
		ts.Fatalf("stdout has a further line: %s", lines.Text())
	}
	ts.Check(process.Wait())
}

func withPorts(ts *testscript.TestScript, text string) string {
	return portOf.ReplaceAllStringFunc(text, func(found string) string {
		_, port, err := net.SplitHostPort(ts.Getenv(portOf.FindStringSubmatch(found)[1]))
		ts.Check(err)
		return port
	})
}
