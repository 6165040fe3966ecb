//go:build !race

package browser

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"imcheck/cli"
	"imcheck/harness/transport"
	"imcheck/internal/browsertest"
	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/faults"
	"imcheck/reference-server/reference"
	"imcheck/reports"
	"imcheck/reports/folder"
	"imcheck/reports/internal/reporttest"
)

// runsFolder has the folders passing, failing, load and client, both of failing and load, and
// diff, index, matrix and capacity.
var runsFolder string

// run returns the folder of one of three real runs, which are made once, side by
// side, or of the comparison or the index of them.
func run(t *testing.T, name string) string {
	t.Helper()
	browsertest.Start(t) // nothing is run for pages that nobody looks at
	if err := runs(); err != nil {
		t.Fatal(err)
	}
	return filepath.Join(runsFolder, name)
}

// quick are cases that take a moment and hardly depend on the machine's speed,
// and one that measures.
var quick = []string{"--case", "login/*", "--case", "message/t*", "--case", "message/bad*", "--case", "heartbeat/expiry"}

// quickOfClients are cases that take a moment, of which a client that clips texts and forgets the
// bridge fails some.
var quickOfClients = []string{"--case", "login/extra", "--case", "login/reported", "--case", "qos/ack-to-*", "--case", "qos/ack-bridge", "--case", "message/text-intact"}

var runs = sync.OnceValue(func() error {
	made, err := os.MkdirTemp("", "imcheck-pages-")
	if err != nil {
		return err
	}
	runsFolder = made
	faulty, err := startFaulty("verdict-altered", "trailing-text-accepted", "expiry-early-tcp")
	if err != nil {
		return err
	}
	defer faulty.Close()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	commands := map[string][]string{
		"client":  append([]string{"conform", "--role", "client", "--exec", "env " + driverVariable + "=1 '" + self + "'", "--sense-mode", "3S"}, quickOfClients...),
		"passing": append([]string{"conform", "--sense-mode", "3S"}, quick...),
		"failing": append([]string{"conform", "--sense-mode", "3S",
			"--udp", faulty.Address(wire.UDP), "--tcp", faulty.Address(wire.TCP), "--ws", faulty.Address(wire.WS)}, quick...),
		"load": {"load", "--sense-mode", "3S", "--clients", "60", "--ramp", "300ms", "--warmup", "200ms", "--duration", "4s", "--rate", "200",
			"--threshold", "c2c_delivery.p99<1us", "--threshold", "ledger.lost==0"},
	}
	var group sync.WaitGroup
	failures := make(chan error, len(commands))
	for name, arguments := range commands {
		group.Go(func() { failures <- imcheck(name, arguments) })
	}
	group.Wait()
	close(failures)
	for err := range failures {
		if err != nil {
			return err
		}
	}
	return compare()
})

// compare makes the pages of several runs: one of two in a folder, a comparison, an index and
// a matrix.
func compare() error {
	passing, failing := filepath.Join(runsFolder, "passing"), filepath.Join(runsFolder, "failing")
	return errors.Join(
		both(failing, filepath.Join(runsFolder, "load")),
		search(),
		underLoad(),
		imcheck("matrix", []string{"report", "matrix", passing, failing}),
		imcheck("diff", []string{"report", "diff", passing, failing}),
		imcheck("index", []string{"report", "html", passing, failing, filepath.Join(runsFolder, "load")}))
}

// both puts the reports of a conformance run and a load into one folder.
func both(conformance, load string) error {
	dir := filepath.Join(runsFolder, "both")
	err := os.Mkdir(dir, 0o777)
	for _, path := range []string{filepath.Join(conformance, reports.ConformanceFile), filepath.Join(load, reports.LoadFile)} {
		text, failed := os.ReadFile(path)
		err = errors.Join(err, failed, os.WriteFile(filepath.Join(dir, filepath.Base(path)), text, 0o666))
	}
	if err != nil {
		return err
	}
	return render(dir)
}

// search makes the page of a search for capacity, which takes minutes, of an example.
func search() error {
	example, err := reports.Read(filepath.Join("..", "internal", "reporttest", "models", "capacity.json"))
	if err != nil {
		return err
	}
	return folder.SaveCapacity(filepath.Join(runsFolder, "capacity"), example.Capacity)
}

// underLoad makes the page of a run under load in which something of each kind gave way.
func underLoad() error {
	dir := filepath.Join(runsFolder, "underload")
	err := os.Mkdir(dir, 0o777)
	if err == nil {
		err = reports.WriteFile(filepath.Join(dir, reports.ConformanceFile), func(w io.Writer) error { return reports.WriteConformanceJSON(w, reporttest.UnderLoad()) })
	}
	if err != nil {
		return err
	}
	return render(dir)
}

// render writes the page of a folder anew.
func render(dir string) error {
	var told bytes.Buffer
	if code := cli.Main([]string{"report", "html", dir}, strings.NewReader(""), &told, &told); code != 0 {
		return fmt.Errorf("imcheck report html %s: exit code %d\n%s", dir, code, &told)
	}
	return nil
}

// imcheck runs the program. That there is a report is all that counts here: a
// busy machine may make a run inconclusive, and its page has to be as good.
func imcheck(name string, arguments []string) error {
	var told bytes.Buffer
	code := cli.Main(append(arguments, "--out", filepath.Join(runsFolder, name)), strings.NewReader(""), &told, &told)
	if code == 0 || code == 1 || code == 4 {
		return nil
	}
	return fmt.Errorf("imcheck %s: exit code %d\n%s", strings.Join(arguments, " "), code, &told)
}

func startFaulty(names ...string) (*reference.Server, error) {
	config := reference.Config{Network: transport.OS{}, Limits: server.DefaultLimits, Version: "faulty"}
	for _, kind := range wire.Transports {
		config.Addresses[kind] = "127.0.0.1:0"
	}
	var err error
	if config.Modes, err = timing.ParseModes("3S", wire.Transports[:]); err != nil {
		return nil, err
	}
	if config.Faults, err = faults.Find(names); err != nil {
		return nil, err
	}
	return reference.Start(config)
}

// reportOf reads what a run has left.
func reportOf(t *testing.T, name string) reports.Bundle {
	t.Helper()
	bundle, err := reports.ReadDir(run(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return bundle
}
