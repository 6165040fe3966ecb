package cli

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rhysd/actionlint"

	"imcheck/conformance/suite"
	"imcheck/harness/target"
)

// ciFolder has the jobs that users copy.
var ciFolder = filepath.Join("..", "fixtures", "ci")

func readCI(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(ciFolder, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// ciStep is a shell script that a CI job runs.
type ciStep struct {
	id, script string
	condition  string // GitHub's condition; "" for "unless a step before has failed"
}

// workflow reads the steps of the one job of a GitHub workflow. Those that check
// out a repository give the folder that it comes to; "" is the workspace itself.
func workflow(t *testing.T, text string) (steps []ciStep, checkouts []string) {
	t.Helper()
	parsed, mistakes := actionlint.Parse([]byte(text))
	if len(mistakes) > 0 || len(parsed.Jobs) != 1 {
		t.Fatalf("%d jobs, %v", len(parsed.Jobs), mistakes)
	}
	value := func(s *actionlint.String) string {
		if s == nil {
			return ""
		}
		return s.Value
	}
	for _, job := range parsed.Jobs {
		for _, step := range job.Steps {
			switch exec := step.Exec.(type) {
			case *actionlint.ExecRun:
				if exec.Shell != nil || exec.WorkingDirectory != nil {
					t.Fatalf("%v: shell and folder of a step are beyond this reader", exec.RunPos)
				}
				steps = append(steps, ciStep{id: value(step.ID), script: exec.Run.Value, condition: value(step.If)})
			case *actionlint.ExecAction:
				if strings.HasPrefix(exec.Uses.Value, "actions/checkout@") {
					folder := ""
					if path := exec.Inputs["path"]; path != nil {
						folder = path.Value.Value
					}
					checkouts = append(checkouts, folder)
				}
			}
		}
	}
	return steps, checkouts
}

// The workflow is as GitHub wants it: its keys, its expressions, and the inputs
// of the actions that it uses.
func TestGitHubWorkflow(t *testing.T) {
	linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	text := readCI(t, "github.yml")
	mistakes, err := linter.Lint("github.yml", []byte(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, mistake := range mistakes {
		t.Error(mistake)
	}
	broken := text + "          no-such-input: 1\n"
	if mistakes, err = linter.Lint("github.yml", []byte(broken), nil); err != nil || len(mistakes) == 0 {
		t.Errorf("an input that no action has is not noticed: %v", err)
	}
	steps, checkouts := workflow(t, text)
	if !slices.Equal(checkouts, []string{"", "imcheck-src"}) || len(steps) != 5 {
		t.Errorf("checked out are %q, %d steps are run", checkouts, len(steps))
	}
	for _, step := range steps {
		if strings.Contains(step.script, "${{") {
			t.Errorf("an expression in a script is code of whoever controls its value:\n%s", step.script)
		}
	}
}

// gitlabJob has the keys of a GitLab job that ours uses. A key besides
// them is an error, as a misspelt one would be.
type gitlabJob struct {
	Image, Stage, Timeout string
	Rules                 []struct{ If string }
	Variables             map[string]string
	BeforeScript          []string `yaml:"before_script"`
	Script                []string
	AllowFailure          struct {
		ExitCodes []int `yaml:"exit_codes"`
	} `yaml:"allow_failure"`
	Artifacts struct {
		When, Name string
		ExposeAs   string `yaml:"expose_as"`
		Paths      []string
		Reports    struct{ JUnit string }
	}
}

func gitlabJobOf(t *testing.T, text string) gitlabJob {
	t.Helper()
	jobs := map[string]gitlabJob{}
	decode(t, []byte(text), &jobs)
	job, found := jobs["imcheck"]
	if !found || len(jobs) != 1 {
		t.Fatalf("the jobs are %v", jobs)
	}
	return job
}

func TestGitLabJob(t *testing.T) {
	job := gitlabJobOf(t, readCI(t, "gitlab.yml"))
	a := job.Artifacts
	if a.When != "always" || !slices.Equal(a.Paths, []string{"out/"}) || a.Reports.JUnit != "out/imcheck/junit.xml" {
		t.Errorf("kept are %+v", a)
	}
	if !regexp.MustCompile(`^[A-Za-z0-9_ -]+$`).MatchString(a.ExposeAs) {
		t.Errorf("GitLab refuses expose_as %q", a.ExposeAs)
	}
	if !slices.Equal(job.AllowFailure.ExitCodes, []int{exitInconclusive}) {
		t.Errorf("exit codes %v are no failures, want %d alone", job.AllowFailure.ExitCodes, exitInconclusive)
	}
	module, err := os.ReadFile(filepath.Join("..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(module)
	if version == nil || job.Image != "golang:"+string(version[1]) {
		t.Errorf("it is built in %s, go.mod wants %q", job.Image, version)
	}
	if len(job.Rules) != 2 || job.Timeout == "" {
		t.Errorf("rules are %v, the timeout is %q", job.Rules, job.Timeout)
	}
}

// scriptOf returns the shell script of a GitLab job.
func (j gitlabJob) scriptOf() string {
	return strings.Join(slices.Concat(j.BeforeScript, j.Script), "\n")
}

// Both jobs run the same commands of ours, each of which is there with the flags
// that it is given, on files that are copied with the jobs.
func TestCICommands(t *testing.T) {
	makefile := readMakefile(t)
	steps, _ := workflow(t, readCI(t, "github.yml"))
	var github strings.Builder
	for _, step := range steps {
		github.WriteString(step.script + "\n")
	}
	ours := map[string][][]string{}
	for name, script := range map[string]string{"github.yml": github.String(), "gitlab.yml": gitlabJobOf(t, readCI(t, "gitlab.yml")).scriptOf()} {
		if checked, wrong := checkCommands(script, makefile); wrong != nil || checked != 4 {
			t.Errorf("%s: %d commands of ours, want 4; %v", name, checked, wrong)
		}
		commands, err := commandsIn(script)
		if err != nil {
			t.Fatal(err)
		}
		for _, words := range commands {
			if words[0] != "imcheck" {
				continue
			}
			ours[name] = append(ours[name], words)
			for _, word := range words[1:] {
				if copied, found := strings.CutPrefix(word, "imcheck/"); found {
					readCI(t, copied)
				}
			}
		}
	}
	if !slices.EqualFunc(ours["github.yml"], ours["gitlab.yml"], slices.Equal) {
		t.Errorf("GitHub runs\n%q\nand GitLab\n%q", ours["github.yml"], ours["gitlab.yml"])
	}
}

// What is copied with the jobs can be read, and says what the text beside it does.
func TestCIFiles(t *testing.T) {
	profile, err := target.ReadProfile(filepath.Join(ciFolder, "profile.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range profile.Addresses {
		for _, name := range []string{"github.yml", "gitlab.yml"} {
			if !strings.Contains(readCI(t, name), " "+address+" ") {
				t.Errorf("%s starts no server at %s", name, address)
			}
		}
	}
	if _, err := suite.ReadExpectedFailures(filepath.Join(ciFolder, "expected-failures.yaml")); err != nil {
		t.Error(err)
	}
	// The entry that it shows is one.
	shown := regexp.MustCompile(`(?m)^#( - case:|   )`).ReplaceAllString(readCI(t, "expected-failures.yaml"), "$1")
	path := filepath.Join(t.TempDir(), "known.yaml")
	if err := os.WriteFile(path, []byte(shown), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := suite.ReadExpectedFailures(path); err != nil || shown == readCI(t, "expected-failures.yaml") {
		t.Errorf("%v in\n%s", err, shown)
	}
	readme := readCI(t, "README.md")
	for _, named := range regexp.MustCompile("`(imcheck/)?([a-z-]+\\.(yml|yaml|md))`").FindAllStringSubmatch(readme, -1) {
		readCI(t, named[2])
	}
}
