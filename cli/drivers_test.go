package cli_test

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"imcheck/cli"
	"imcheck/reports"
)

// driversFolder has the drivers that docs/judging-a-client.md shows.
const driversFolder = "../fixtures/drivers"

// exampleDrivers are commands that start these drivers. Some build them first, into a folder.
var exampleDrivers = []struct {
	language string
	needs    string // program that has to be on the machine
	slow     bool   // only make thorough runs it
	command  func(t *testing.T, folder string) string
}{
	{"Go", "go", false, func(t *testing.T, folder string) string { return goDriver(t, folder) }},
	{"Python", "python3", false, func(*testing.T, string) string { return "python3 " + driversFolder + "/python/driver.py" }},
	{"Node", "node", false, func(*testing.T, string) string { return "node " + driversFolder + "/node/driver.js" }},
	{"Java", "javac", true, func(t *testing.T, folder string) string {
		sources, err := filepath.Glob(driversFolder + "/java/*.java")
		if err != nil || len(sources) == 0 {
			t.Fatalf("%d sources, %v", len(sources), err)
		}
		build(t, append([]string{"javac", "-d", folder}, sources...)...)
		return "java -XX:TieredStopAtLevel=1 -cp " + folder + " Driver"
	}},
}

// goDriver builds the driver in Go.
func goDriver(t *testing.T, folder string) string {
	program := filepath.Join(folder, "driver")
	build(t, "go", "build", "-o", program, driversFolder+"/go")
	return program
}

func build(t *testing.T, command ...string) {
	t.Helper()
	if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
		t.Fatalf("%q: %v\n%s", command, err, out)
	}
}

// basics are cases that a client passes which logs in and out, shows and acknowledges.
var basics = []string{
	"login/extra", "login/refused-with-any-code", "kick/application", "logout/sent",
	"qos/ack-to-user", "qos/duplicate", "message/text-intact",
}

// The drivers in the documentation work: their clients pass what they are made for.
func TestExampleDrivers(t *testing.T) {
	for _, example := range exampleDrivers {
		t.Run(example.language, func(t *testing.T) {
			t.Parallel()
			if example.slow && !*thorough {
				t.Skip("make thorough runs it")
			}
			if _, err := exec.LookPath(example.needs); err != nil {
				t.Skipf("the driver in %s was not run: there is no %s on this machine", example.language, example.needs)
			}
			var arguments []string
			for _, id := range basics {
				arguments = append(arguments, "--case", id)
			}
			c := judged(t, example.command(t, t.TempDir()), arguments...)
			if want := "small client in " + example.language; c.Target.Name != want {
				t.Errorf("the client is %q, want %q", c.Target.Name, want)
			}
			if len(c.Results) != len(basics) {
				t.Errorf("%d results of %d cases", len(c.Results), len(basics))
			}
			for _, r := range c.Results {
				if r.Verdict != reports.Pass && r.Verdict != reports.Inconclusive { // the latter on a busy machine
					t.Errorf("%s: %s, %s", r.Case, r.Verdict, r.Reason)
				}
			}
		})
	}
}

// What the list of known failures says is so: each entry matches, and nothing in it passes.
func TestKnownFailuresOfExampleDrivers(t *testing.T) {
	if !*thorough {
		t.Skip("make thorough runs it")
	}
	c := judged(t, goDriver(t, t.TempDir()), "--expected-failures", driversFolder+"/known.yaml")
	for _, problem := range c.Problems {
		t.Error(problem)
	}
	if !slices.ContainsFunc(c.Results, func(r reports.Result) bool { return r.Verdict == reports.ExpectedFailure }) {
		t.Error("no failure was expected")
	}
}

// judged runs conform against a client, and returns its report.
func judged(t *testing.T, command string, arguments ...string) *reports.Conformance {
	t.Helper()
	dir := t.TempDir()
	arguments = append([]string{"conform", "--role", "client", "--exec", command, "--sense-mode", "3S", "--out", dir}, arguments...)
	var told bytes.Buffer
	if code := cli.Main(arguments, strings.NewReader(""), &told, &told); code > 1 && code != 4 {
		t.Fatalf("%q: exit code %d\n%s", arguments, code, &told)
	}
	b, err := reports.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return b.Conformance
}
