package cli_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"imcheck/harness/wire"
)

var wild = flag.Bool("wild", false, "try every wild target in TestWildTargets, on every transport and engine; it takes minutes")

const (
	// wildMemory is what a run against a wild target may have resident at most, in
	// bytes.
	wildMemory = 300 << 20
	// wildOver is how much longer than planned such a run may take.
	wildOver = 5 * time.Second
)

// quietWild are tried without -wild: one of each kind.
var quietWild = map[string]bool{
	"load/floods with tiny QoS messages/tcp": true, "load/floods with large messages/udp": true,
	"load/does not read/ws": true, "load/says nothing to a handshake/ws": true, "conform/floods with large messages/tcp": true,
}

// TestWildTargets runs load and conform, as processes, against targets that do
// what no server should: the run ends as planned, in bounded memory, and what came
// of it is the target's.
func TestWildTargets(t *testing.T) {
	certificate, authority := wildCertificate(t)
	for _, w := range wildTargets() {
		for _, kind := range w.transports {
			for _, engine := range []string{"", "/portable"} {
				if engine != "" && kind == wire.UDP {
					continue // which has no TLS
				}
				run := wildRun{target: w, kind: kind}
				if engine != "" {
					run.certificate, run.authority = certificate, authority
				}
				run.add(t, fmt.Sprintf("load/%s/%s%s", w.name, kind, engine), run.load)
			}
			run := wildRun{target: w, kind: kind}
			run.add(t, fmt.Sprintf("conform/%s/%s", w.name, kind), run.conform)
		}
	}
}

// wildRun is one run against a wild target.
type wildRun struct {
	target      wildTarget
	kind        wire.Transport
	certificate *tls.Config
	authority   string // file with the certificate that signed it, "" without TLS
}

func (r wildRun) add(t *testing.T, name string, test func(t *testing.T)) {
	if !*wild && !quietWild[name] {
		return
	}
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		test(t)
	})
}

func (r wildRun) load(t *testing.T) {
	const ramp, duration = 500 * time.Millisecond, 3 * time.Second
	arguments := []string{"load", "--sense-mode", "3S", "--clients", "50", "--ramp", ramp.String(), "--warmup", "0s",
		"--duration", duration.String(), "--rate", "200", "--out", filepath.Join(t.TempDir(), "out")}
	end := r.run(t, arguments, ramp+duration+wildSettling+wildOver)
	if end.exit != 1 && end.exit != 3 && end.exit != 4 {
		t.Errorf("exit code %d\n%s", end.exit, end.output)
	}
	if end.exit == 1 && strings.HasPrefix(r.target.name, "floods") && !strings.Contains(end.output, "that nobody asked for") {
		t.Errorf("the run does not say what was wrong\n%s", end.output) // on a busy machine it may have been the bottleneck
	}
}

func (r wildRun) conform(t *testing.T) {
	arguments := []string{"conform", "--sense-mode", "3S", "--case", "login/accepted", "--case", "message/unknown-fields", "--case", "qos/c2s-acknowledged",
		"--out", filepath.Join(t.TempDir(), "out")}
	end := r.run(t, arguments, wildConform)
	if end.exit != 1 && end.exit != 3 && end.exit != 4 {
		t.Errorf("exit code %d\n%s", end.exit, end.output)
	}
}

// wildSettling is how long a load waits after its steady part for what is under way.
const wildSettling = 11 * time.Second

// wildConform is how long three cases may take, each of which waits for several
// answers, and longer where answers come late.
const wildConform = 2 * time.Minute

// wildEnd is how a run ended.
type wildEnd struct {
	exit   int
	output string
}

// run runs the program until it ends, and holds it to the time and the memory that
// it may take.
func (r wildRun) run(t *testing.T, arguments []string, limit time.Duration) wildEnd {
	t.Helper()
	arguments = append(arguments, "--"+r.kind.String(), r.target.start(t, r.kind, r.certificate))
	if r.authority != "" {
		arguments = append(arguments, "--tls-ca", r.authority)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*limit) // a machine that is busy is not what is looked at
	defer cancel()
	command := exec.CommandContext(ctx, "imcheck", arguments...)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	started := time.Now()
	err := command.Run()
	took := time.Since(started)
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		t.Fatal(err)
	}
	usage := command.ProcessState.SysUsage().(*syscall.Rusage)
	memory := usage.Maxrss << 10
	t.Logf("%s: exit %d after %.1f s, %d MiB, %.1f s of processor time", r.target.name, command.ProcessState.ExitCode(), took.Seconds(), memory>>20,
		(command.ProcessState.UserTime() + command.ProcessState.SystemTime()).Seconds())
	if ctx.Err() != nil {
		t.Fatalf("it did not end\n%s", output.String())
	}
	if memory > wildMemory {
		t.Errorf("it had %d MiB resident", memory>>20)
	}
	if over := took - limit; over > 0 {
		t.Errorf("it took %v longer than it may\n%s", over, output.String())
	}
	return wildEnd{command.ProcessState.ExitCode(), output.String()}
}

// TestWildTargetIsInterrupted holds that a run ends soon after SIGTERM whatever comes in.
func TestWildTargetIsInterrupted(t *testing.T) {
	t.Parallel()
	address := wildTargets()[0].start(t, wire.TCP, nil)
	command := exec.Command("imcheck", "load", "--tcp", address, "--sense-mode", "3S", "--clients", "50", "--ramp", "0s", "--warmup", "0s", "--duration", "1h")
	output, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = command.Process.Kill() }()
	lines := bufio.NewScanner(output)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "steady ") { // the flood has begun
	}
	if err := command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		for lines.Scan() { // or it could not write its last words
		}
		ended <- command.Wait()
	}()
	select {
	case <-ended:
	case <-time.After(time.Minute):
		t.Error("it does not end")
	}
}

// wildCertificate is a certificate for 127.0.0.1 as a server wants it, and as a file
// for clients.
func wildCertificate(t *testing.T) (config *tls.Config, file string) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	file = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o666); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: server.TLS.Certificates}, file
}
