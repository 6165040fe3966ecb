package cli_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// relayed is a relay that a script has started.
type relayed struct {
	process *exec.Cmd
	stdin   io.Writer
	lines   *bufio.Reader
	log     strings.Builder
}

// relays are those of all scripts, by the name of the script and their own. Scripts run
// side by side.
var relays sync.Map

func relayOf(ts *testscript.TestScript, name string) *relayed {
	r, ok := relays.Load(ts.Name() + "/" + name)
	if !ok {
		ts.Fatalf("no relay %s was started", name)
	}
	return r.(*relayed)
}

// startRelay is the command "relayed NAME FLAGS": it starts imcheck proxy, and puts what it
// listens on into NAME_UDP, NAME_TCP and NAME_WS.
func startRelay(ts *testscript.TestScript, _ bool, args []string) {
	path, err := exec.LookPath("imcheck")
	ts.Check(err)
	r := &relayed{process: exec.Command(path, append([]string{"proxy"}, args[1:]...)...)}
	r.process.Dir, r.process.Stderr = ts.Getenv("WORK"), os.Stderr
	r.stdin, err = r.process.StdinPipe()
	ts.Check(err)
	out, err := r.process.StdoutPipe()
	ts.Check(err)
	r.lines = bufio.NewReader(out)
	ts.Check(r.process.Start())
	ts.Defer(func() {
		_ = r.process.Process.Kill() // it may be gone already
		_ = r.process.Wait()
	})
	for _, flag := range []string{"--udp", "--tcp", "--ws"} {
		if slices.Contains(args, flag) {
			e := r.read(ts)
			ts.Setenv(args[0]+"_"+strings.ToUpper(e.Transport), e.Client)
		}
	}
	relays.Store(ts.Name()+"/"+args[0], r)
}

// entry has what a script needs of a line of the log.
type entry struct{ Event, Transport, Client string }

// read reads the next line of the log.
func (r *relayed) read(ts *testscript.TestScript) (e entry) {
	line, err := r.lines.ReadString('\n')
	ts.Check(err)
	r.log.WriteString(line)
	ts.Check(json.Unmarshal([]byte(line), &e))
	return e
}

// tellRelay is the command "tell NAME ACTION EVENT": it writes a line to the relay's stdin,
// and waits for the event in its log.
func tellRelay(ts *testscript.TestScript, _ bool, args []string) {
	r := relayOf(ts, args[0])
	_, err := fmt.Fprintln(r.stdin, args[1])
	ts.Check(err)
	for r.read(ts).Event != args[2] {
	}
}

// endRelay is the command "ended NAME FILE": it interrupts the relay, which has to end
// well, and writes its log into the file.
func endRelay(ts *testscript.TestScript, _ bool, args []string) {
	r := relayOf(ts, args[0])
	ts.Check(r.process.Process.Signal(os.Interrupt))
	rest, err := io.ReadAll(r.lines)
	ts.Check(err)
	ts.Check(r.process.Wait())
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(r.log.String()+string(rest)), 0o644))
}
