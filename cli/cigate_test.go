package cli

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// gate runs the job of a CI platform as that does: in a workspace into which a
// user has copied the folder, with sh and the commands of this machine. What the
// platform itself provides is played by stand-ins: what is checked out, gh, git
// clone, and the artifacts of an earlier run.
type gate struct {
	t         *testing.T
	change    func(text string) string // the user's change to the files
	workspace string
	shell     []string // that runs the steps
	env       []string
	kept      string // folder with out/ of the run on main; "" before the first one
}

// newGate makes a workspace. commands are stand-ins by name, as scripts for sh.
func newGate(t *testing.T, kept string, commands map[string]string, change func(string) string) *gate {
	t.Helper()
	g := &gate{t: t, shell: []string{"sh", "-e"}, change: change, workspace: t.TempDir(), kept: kept}
	for _, name := range []string{"profile.yaml", "expected-failures.yaml"} {
		g.write(filepath.Join(g.workspace, "imcheck", name), change(readCI(t, name)), 0o666)
	}
	bin := t.TempDir()
	for name, script := range commands {
		g.write(filepath.Join(bin, name), "#!/bin/sh\n"+script, 0o777)
	}
	source, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	g.env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"),
		"SOURCE="+source, "KEPT="+kept, "GOFLAGS="+os.Getenv("GOFLAGS")+" -buildvcs=false") // git is a stand-in
	t.Cleanup(g.killServer)
	return g
}

// write writes a file while nothing is forked: a child would have a script open for writing
// for a moment, which could not be run then, and a shell goes on to the next one on its path.
func (g *gate) write(path, text string, mode os.FileMode) {
	g.t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), mode)); err != nil {
		g.t.Fatal(err)
	}
}

// read returns a file of the workspace, "" when it is not there.
func (g *gate) read(name string) string {
	text, err := os.ReadFile(filepath.Join(g.workspace, filepath.FromSlash(name)))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		g.t.Fatal(err)
	}
	return string(text)
}

// path returns where the workspace finds its commands.
func (g *gate) path() (path string) {
	for _, set := range g.env {
		if value, is := strings.CutPrefix(set, "PATH="); is {
			path = value // the last one counts
		}
	}
	return path
}

// startsServer ends the command with which both jobs start the server; the test has to
// find it.
const startsServer = "> out/server.log 2>&1 &"

// sh runs a script to its end, or to the first command that fails.
func (g *gate) sh(script string, env ...string) (exit int, output string) {
	g.t.Helper()
	script = strings.ReplaceAll(g.change(script), startsServer, startsServer+" echo $! > server.pid")
	command := exec.Command(g.shell[0], append(slices.Clone(g.shell[1:]), "-c", script)...)
	command.Dir, command.Env = g.workspace, append(g.env, env...)
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	command.WaitDelay = 10 * time.Second // for what a script has left behind
	err := command.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		g.t.Fatalf("%v\n%s", err, out.String())
	}
	return command.ProcessState.ExitCode(), out.String()
}

func (g *gate) killServer() {
	pid, err := strconv.Atoi(strings.TrimSpace(g.read("server.pid")))
	if err != nil {
		return // none was started
	}
	if process, err := os.FindProcess(pid); err == nil {
		_ = process.Kill() // it may be dead already
	}
}

// ciRun is the result of a job.
type ciRun struct {
	*gate
	exit   int    // exit code of the job; on GitHub that of the first step that failed
	output string // output of all steps
}

// gitHub runs the steps of the workflow in their order.
func (g *gate) gitHub() ciRun {
	g.t.Helper()
	steps, checkouts := workflow(g.t, readCI(g.t, "github.yml"))
	for _, folder := range checkouts[1:] {
		g.sh("ln -s \"$SOURCE\" " + folder)
	}
	run := ciRun{gate: g}
	succeeded := map[string]bool{}
	path := ""
	for _, step := range steps {
		if !runs(g.t, step.condition, run.exit == 0, succeeded) {
			continue
		}
		exit, output := g.sh(path+step.script, "GITHUB_PATH="+filepath.Join(g.workspace, "path"),
			"GITHUB_STEP_SUMMARY="+filepath.Join(g.workspace, "summary.md"), "GITHUB_WORKFLOW=imcheck")
		run.output += output
		succeeded[step.id] = exit == 0
		if run.exit == 0 {
			run.exit = exit
		}
		for folder := range strings.FieldsSeq(g.read("path")) {
			path = "PATH='" + folder + "':$PATH\n"
		}
	}
	return run
}

var afterStep = regexp.MustCompile(`^\$\{\{ !cancelled\(\) && steps\.(\w+)\.outcome == 'success' \}\}$`)

// runs reports whether a step is run. Other conditions than those of our workflow
// are beyond it.
func runs(t *testing.T, condition string, good bool, succeeded map[string]bool) bool {
	t.Helper()
	if condition == "" {
		return good
	}
	after := afterStep.FindStringSubmatch(condition)
	if after == nil {
		t.Fatalf("the condition %q is beyond this test", condition)
	}
	return succeeded[after[1]]
}

// gitLab runs the job, and packs what it keeps.
func (g *gate) gitLab() ciRun {
	g.t.Helper()
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/api/projects/7/jobs/artifacts/main/raw/out/imcheck.tgz" || r.URL.Query().Get("job") != "imcheck" || r.Header.Get("JOB-TOKEN") != "secret" {
			g.t.Errorf("asked for %s with the token %q", r.URL, r.Header.Get("JOB-TOKEN"))
		}
		http.ServeFile(w, r, filepath.Join(g.kept, "imcheck.tgz"))
	}))
	defer api.Close()
	exit, output := g.sh(gitlabJobOf(g.t, readCI(g.t, "gitlab.yml")).scriptOf(), "IMCHECK_SOURCE=file:///nowhere/imcheck.git",
		"IMCHECK_TOKEN=", "CI_API_V4_URL="+api.URL+"/api", "CI_PROJECT_ID=7", "CI_DEFAULT_BRANCH=main", "CI_JOB_NAME=imcheck", "CI_JOB_TOKEN=secret")
	if strings.Contains(output, "secret") {
		g.t.Errorf("the log has the token:\n%s", output)
	}
	return ciRun{g, exit, output}
}

// needCommands skips a test where a command that the jobs use is missing.
func needCommands(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("there is no %s here, which the CI jobs use", name)
		}
	}
}

// ciPlatforms are the two platforms, each with what its job uses of a machine.
var ciPlatforms = map[string]struct {
	run      func(*gate) ciRun
	commands []string
}{
	"GitHub": {(*gate).gitHub, []string{"sh", "grep", "ln", "cp"}},
	"GitLab": {(*gate).gitLab, []string{"sh", "grep", "ln", "curl", "tar"}},
}

// passes wants a job that has not failed. On a machine that is too busy a load is
// inconclusive, which both platforms show as a warning.
func (r ciRun) passes(says string) {
	r.t.Helper()
	inconclusive := strings.Contains(r.output, "INCONCLUSIVE")
	if r.exit != 0 && !(r.exit == exitInconclusive && inconclusive) || !strings.Contains(r.output, says) {
		r.t.Errorf("exit code %d, want 0 and %q:\n%s", r.exit, says, r.output)
	}
}

func (r ciRun) fails(exit int, says ...string) {
	r.t.Helper()
	for _, text := range says {
		if r.exit != exit || !strings.Contains(r.output, text) {
			r.t.Errorf("exit code %d, want %d and %q:\n%s", r.exit, exit, text, r.output)
		}
	}
}

// keeps wants files among what the job keeps.
func (r ciRun) keeps(names ...string) {
	r.t.Helper()
	for _, name := range names {
		if r.read("out/imcheck/"+name) == "" {
			r.t.Errorf("there is no %s; the log:\n%s", name, r.output)
		}
	}
	if r.read("out/server.log") == "" {
		r.t.Error("there is no log of the server")
	}
}

func (r ciRun) summarizes(parts ...string) {
	r.t.Helper()
	summary := r.read("summary.md")
	for _, part := range parts {
		if !strings.Contains(summary, part) {
			r.t.Errorf("the summary lacks %q:\n%s", part, summary)
		}
	}
}
