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
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"imcheck/internal/hostile"
	"imcheck/protocol/wire"
)

var everyHostile = flag.Bool("hostile", false, "try every hostile target in TestHostileTargets, on every transport and engine; it takes minutes")

const (
	// hostileMemory bounds the resident memory of a run against a hostile target, in
	// bytes.
	hostileMemory = 300 << 20
	// hostileOver bounds the time by which such a run may exceed its plan.
	hostileOver = 5 * time.Second
)

// alwaysHostile are tried without -hostile: one of each kind.
var alwaysHostile = map[string]bool{
	"load/floods with tiny QoS messages/tcp": true, "load/floods with large messages/udp": true,
	"load/does not read/ws": true, "load/says nothing to a handshake/ws": true, "conform/floods with large messages/tcp": true, "conform/floods with pings/ws": true,
}

// TestHostileTargets runs load and conform, as processes, against targets that do
// what no server should: the run ends as planned, in bounded memory, and what came
// of it is the target's.
func TestHostileTargets(t *testing.T) {
	certificate, authority := hostileCertificate(t)
	tried := 0
	for _, target := range hostile.Targets() {
		for _, on := range target.Transports {
			run := hostileRun{target: target, on: on}
			tried += run.add(t, fmt.Sprintf("load/%s/%s", target.Name, on), run.load)
			tried += run.add(t, fmt.Sprintf("conform/%s/%s", target.Name, on), run.conform)
			if on != wire.UDP { // which has no TLS
				run.certificate, run.authority = certificate, authority
				tried += run.add(t, fmt.Sprintf("load/%s/%s/tls", target.Name, on), run.load)
			}
		}
	}
	if tried < len(alwaysHostile) {
		t.Errorf("%d targets were tried, want at least %d: one has another name", tried, len(alwaysHostile))
	}
}

// hostileRun is one run against a hostile target.
type hostileRun struct {
	target      hostile.Target
	on          wire.Transport
	certificate *tls.Config
	authority   string // file with the certificate that signed it, "" without TLS
}

// add returns how many tests it has added.
func (r hostileRun) add(t *testing.T, name string, test func(t *testing.T)) int {
	if !*everyHostile && !alwaysHostile[name] {
		return 0
	}
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		test(t)
	})
	return 1
}

func (r hostileRun) load(t *testing.T) {
	const ramp, duration = 500 * time.Millisecond, 2 * time.Second
	arguments := []string{"load", "--sense-mode", "3S", "--clients", "50", "--ramp", ramp.String(), "--warmup", "0s",
		"--duration", duration.String(), "--rate", "200", "--out", filepath.Join(t.TempDir(), "out")}
	end := r.run(t, arguments, ramp+duration+hostileSettling+hostileOver)
	if end.exit != 1 && end.exit != 3 && end.exit != 4 {
		t.Errorf("exit code %d\n%s", end.exit, end.output)
	}
	if end.exit == 1 && r.target.Size > 0 && !strings.Contains(end.output, "that nobody asked for") {
		t.Errorf("the run does not say what was wrong\n%s", end.output) // on a busy machine it may have been the bottleneck
	}
}

func (r hostileRun) conform(t *testing.T) {
	arguments := []string{"conform", "--sense-mode", "3S", "--case", "login/accepted", "--case", "message/unknown-fields", "--case", "qos/c2s-acknowledged",
		"--out", filepath.Join(t.TempDir(), "out")}
	end := r.run(t, arguments, hostileConform)
	if end.exit != 1 && end.exit != 3 && end.exit != 4 {
		t.Errorf("exit code %d\n%s", end.exit, end.output)
	}
}

// hostileSettling is a load's wait after its steady part for what is under way.
const hostileSettling = 11 * time.Second

// hostileConform bounds the time of three cases, each of which waits for several
// answers, and longer where answers come late.
const hostileConform = time.Minute

// hostileEnd is the end of a run.
type hostileEnd struct {
	exit   int
	output string
}

// run runs the program until it ends, and holds it to the time and the memory that
// it may take.
func (r hostileRun) run(t *testing.T, arguments []string, limit time.Duration) hostileEnd {
	t.Helper()
	server, err := r.target.Start(r.on, r.certificate)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	arguments = append(arguments, "--"+r.on.String(), server.Address)
	if r.authority != "" {
		arguments = append(arguments, "--tls-ca", r.authority)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*limit) // a machine that is busy is not what is looked at
	defer cancel()
	command := exec.CommandContext(ctx, "imcheck", arguments...)
	peak := filepath.Join(t.TempDir(), "peak")
	command.Env = append(os.Environ(), peakFile+"="+peak)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	started := time.Now()
	err = command.Run()
	took := time.Since(started)
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		t.Fatal(err)
	}
	text, err := os.ReadFile(peak)
	memory, invalid := strconv.ParseInt(string(text), 10, 64)
	t.Logf("%s: exit %d after %.1f s, %d MiB, %.1f s of processor time", r.target.Name, command.ProcessState.ExitCode(), took.Seconds(), memory>>20,
		(command.ProcessState.UserTime() + command.ProcessState.SystemTime()).Seconds())
	if ctx.Err() != nil {
		t.Fatalf("it did not end\n%s", output.String())
	}
	if err != nil || invalid != nil {
		t.Fatalf("it does not say what memory it had: %v, %v\n%s", err, invalid, output.String())
	}
	if memory > hostileMemory {
		t.Errorf("it had %d MiB resident", memory>>20)
	}
	if over := took - limit; over > 0 {
		t.Errorf("it took %v longer than it may\n%s", over, output.String())
	}
	return hostileEnd{command.ProcessState.ExitCode(), output.String()}
}

// TestHostileTargetIsInterrupted holds that a run ends soon after SIGTERM whatever comes in.
func TestHostileTargetIsInterrupted(t *testing.T) {
	t.Parallel()
	server, err := hostile.Targets()[0].Start(wire.TCP, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	command := exec.Command("imcheck", "load", "--tcp", server.Address, "--sense-mode", "3S", "--clients", "50", "--ramp", "0s", "--warmup", "0s", "--duration", "1h")
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

// hostileCertificate returns a certificate for 127.0.0.1 as a server wants it, and as a file
// for clients.
func hostileCertificate(t *testing.T) (config *tls.Config, file string) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	file = filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o666); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: server.TLS.Certificates}, file
}
