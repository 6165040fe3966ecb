package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rhysd/actionlint"
)

// compositeAction has the keys of a GitHub action that ours uses. A key besides them is an
// error, as a misspelt one would be.
type compositeAction struct {
	Name, Description string
	Inputs            map[string]struct{ Description, Default string }
	Outputs           map[string]struct{ Description, Value string }
	Runs              struct {
		Using string
		Steps []actionStep
	}
}

type actionStep struct {
	ID, Name, If, Uses, Shell, Run string
	With, Env                      map[string]string
}

// readRoot returns a file at the root of the repository.
func readRoot(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func readAction(t *testing.T) (a compositeAction) {
	t.Helper()
	decode(t, []byte(readRoot(t, "action.yml")), &a)
	return a
}

// step returns the step with a name.
func (a compositeAction) step(t *testing.T, name string) actionStep {
	t.Helper()
	for _, s := range a.Runs.Steps {
		if s.Name == name {
			return s
		}
	}
	t.Fatalf("action.yml has no step %q", name)
	return actionStep{}
}

var (
	ofInput  = regexp.MustCompile(`inputs\.([\w-]+)`)
	ofOutput = regexp.MustCompile(`^\$\{\{ steps\.([\w-]+)\.outputs\.([\w-]+) \}\}$`)
)

// Each input counts, each output is set by a step, and no value is part of a script.
func TestActionIsSound(t *testing.T) {
	action := readAction(t)
	if action.Name == "" || action.Description == "" || action.Runs.Using != "composite" {
		t.Errorf("it is %+v", action)
	}
	used := map[string]bool{}
	for _, named := range ofInput.FindAllStringSubmatch(readRoot(t, "action.yml"), -1) {
		used[named[1]] = true
		if _, there := action.Inputs[named[1]]; !there {
			t.Errorf("the input %q is used and not declared", named[1])
		}
	}
	for name, input := range action.Inputs {
		if !used[name] || input.Description == "" {
			t.Errorf("the input %s is used: %v; its description is %q", name, used[name], input.Description)
		}
	}
	for _, step := range action.Runs.Steps {
		if step.Run != "" && step.Shell != "bash" || (step.Run == "") == (step.Uses == "") {
			t.Errorf("the step %q runs in %q", step.Name, step.Shell)
		}
		if strings.Contains(step.Run, "${{") {
			t.Errorf("an expression in a script is code of whoever controls its value:\n%s", step.Run)
		}
		if _, err := commandsIn(step.Run); err != nil {
			t.Errorf("%s: %v", step.Name, err)
		}
	}
	for name, output := range action.Outputs {
		from := ofOutput.FindStringSubmatch(output.Value)
		if run := action.step(t, "Run imcheck"); from == nil || from[1] != run.ID || !strings.Contains(run.Run, `"`+from[2]+"=") {
			t.Errorf("nothing sets the output %s: %s", name, output.Value)
		}
	}
}

// The workflow that is shown uses the action as GitHub wants it: with inputs that it has.
func TestActionWorkflow(t *testing.T) {
	const name = ".github/workflows/imcheck.yml"
	root := t.TempDir()
	text := strings.ReplaceAll(readCI(t, "github-action.yml"), "CHANGE/imcheck@main", "./")
	for path, content := range map[string]string{".git/HEAD": "", "action.yml": readRoot(t, "action.yml"), name: text} {
		path = filepath.Join(root, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	linter, err := actionlint.NewLinter(io.Discard, &actionlint.LinterOptions{WorkingDir: root})
	if err != nil {
		t.Fatal(err)
	}
	lint := func(text string) (mistakes []*actionlint.Error) {
		mistakes, err := linter.Lint(filepath.Join(root, filepath.FromSlash(name)), []byte(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		return mistakes
	}
	for _, mistake := range lint(text) {
		t.Error(mistake)
	}
	for _, broken := range []string{strings.Replace(text, "          profile:", "          profil:", 1), strings.Replace(text, "outputs.verdict", "outputs.verdit", 1)} {
		if broken == text || len(lint(broken)) == 0 {
			t.Error("an input or output that the action lacks is not noticed")
		}
	}
}

// actionRun is what a step of the action has left.
type actionRun struct {
	*gate
	exit    int
	output  string            // what it printed
	outputs map[string]string // of the step
}

var (
	inExpression = regexp.MustCompile(`\$\{\{ (inputs|github)\.([\w-]+) \}\}`)
	ifInput      = regexp.MustCompile(`^\$\{\{ (?:always\(\) && )?inputs\.([\w-]+) (==|!=) '' \}\}$`)
)

// runAction runs the shell steps of the action with inputs, those of its defaults that are
// not given, in bash as GitHub does. What runs on GitHub alone is played by stand-ins.
func runAction(t *testing.T, inputs, github, commands map[string]string, env ...string) actionRun {
	t.Helper()
	needCommands(t, "bash", "xargs")
	g := newGate(t, "", commands, func(text string) string { return text })
	g.shell = []string{"bash", "--noprofile", "--norc", "-eo", "pipefail"}
	action := readAction(t)
	value := func(name string) string {
		if given, ok := inputs[name]; ok {
			return given
		}
		return action.Inputs[name].Default
	}
	temp := t.TempDir()
	set := append([]string{"RUNNER_TEMP=" + temp, "GITHUB_PATH=" + filepath.Join(temp, "path"), "GITHUB_OUTPUT=" + filepath.Join(temp, "output")}, env...)
	run := actionRun{gate: g, outputs: map[string]string{}}
	for _, step := range action.Runs.Steps {
		if condition := ifInput.FindStringSubmatch(step.If); condition != nil && (value(condition[1]) == "") != (condition[2] == "==") {
			continue
		} else if condition == nil && step.If != "" {
			t.Fatalf("the condition %q is beyond this test", step.If)
		}
		if step.Run == "" || run.exit != 0 {
			continue
		}
		here := append([]string{"PATH=" + filepath.Join(temp, "imcheck-bin") + string(os.PathListSeparator) + g.path()}, set...)
		for name, text := range step.Env {
			here = append(here, name+"="+inExpression.ReplaceAllStringFunc(text, func(expression string) string {
				of := inExpression.FindStringSubmatch(expression)
				if of[1] == "github" {
					return github[of[2]]
				}
				return value(of[2])
			}))
		}
		var output string
		run.exit, output = g.sh(step.Run, here...)
		run.output += output
	}
	if text, err := os.ReadFile(filepath.Join(temp, "output")); err == nil {
		for line := range strings.Lines(string(text)) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			run.outputs[name] = value
		}
	}
	return run
}

// standIn is a program that notes its arguments, one a line, writes a page, and ends with
// the exit code in the environment.
const standIn = `[ "$PAGE" = no ] || { mkdir -p "$OUT" && echo x > "$OUT/report.html"; }
printf '%s\n' "$@" > words
exit "$CODE"
`

// What the action makes of the exit codes of the program.
func TestActionExitCodes(t *testing.T) {
	for _, test := range []struct {
		code         int
		inconclusive string
		exit         int
		verdict      string
	}{
		{0, "pass", 0, "pass"}, {1, "pass", 1, "fail"}, {2, "pass", 2, "usage"}, {3, "pass", 3, "unreachable"},
		{4, "pass", 0, "inconclusive"}, {4, "fail", 4, "inconclusive"}, {0, "fail", 0, "pass"},
	} {
		t.Run(fmt.Sprint(test.code, test.inconclusive), func(t *testing.T) {
			t.Parallel()
			page, report := "yes", "out/imcheck/report.html"
			if test.code == 2 {
				page, report = "no", ""
			}
			run := runAction(t, map[string]string{"inconclusive": test.inconclusive}, nil, map[string]string{"imcheck": standIn, "go": "exit 0"}, fmt.Sprint("CODE=", test.code), "PAGE="+page)
			if run.exit != test.exit || run.outputs["verdict"] != test.verdict || run.outputs["exit-code"] != fmt.Sprint(test.code) || run.outputs["report"] != report {
				t.Errorf("exit code %d, outputs %v:\n%s", run.exit, run.outputs, run.output)
			}
		})
	}
}

// The words of args come to the program as they were meant, and nothing in them is run.
func TestActionArguments(t *testing.T) {
	for _, test := range []struct {
		inputs map[string]string
		want   []string // "" for a refusal
	}{
		{map[string]string{}, []string{"conform", "--out", "out/imcheck"}},
		{map[string]string{"verb": "load", "profile": "my server.yaml", "out": "o"}, []string{"load", "--profile", "my server.yaml", "--out", "o"}},
		{map[string]string{"args": "--tcp a:1\n--ws-header 'X: \"b  c\"' --skip=$(touch run)`touch run`;touch run"},
			[]string{"conform", "--tcp", "a:1", "--ws-header", `X: "b  c"`, "--skip=$(touch", "run)`touch", "run`;touch", "run", "--out", "out/imcheck"}},
		{map[string]string{"args": "--case 'a"}, nil},
		{map[string]string{"verb": "serve"}, nil},
		{map[string]string{"inconclusive": "ok"}, nil},
	} {
		run := runAction(t, test.inputs, nil, map[string]string{"imcheck": standIn, "go": "exit 0"}, "CODE=0", "PAGE=no")
		want := ""
		for _, word := range test.want {
			want += word + "\n"
		}
		if got := run.read("words"); got != want || (run.exit == exitUsage) != (test.want == nil) || run.read("run") != "" {
			t.Errorf("%v: exit code %d, the words are\n%swant\n%s%s", test.inputs, run.exit, got, want, run.output)
		}
	}
}

// The steps of the workflow that is shown call the program with flags that it has.
func TestActionCommands(t *testing.T) {
	parsed, mistakes := actionlint.Parse([]byte(readCI(t, "github-action.yml")))
	if len(mistakes) > 0 {
		t.Fatal(mistakes)
	}
	checked := 0
	for _, job := range parsed.Jobs {
		for _, step := range job.Steps {
			exec, uses := step.Exec.(*actionlint.ExecAction)
			if !uses || exec.Uses.Value != "CHANGE/imcheck@main" {
				continue
			}
			inputs := map[string]string{}
			for name, input := range exec.Inputs {
				inputs[name] = input.Value.Value
			}
			run := runAction(t, inputs, nil, map[string]string{"imcheck": standIn, "go": "exit 0"}, "CODE=0")
			if err := checkInvocation(strings.Fields(run.read("words"))); err != nil || run.exit != 0 {
				t.Errorf("%v\n%s", err, run.output)
			}
			checked++
		}
	}
	if checked != 2 {
		t.Errorf("%d steps use the action, want 2", checked)
	}
}
