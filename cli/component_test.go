package cli

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// component is the header of a GitLab component. A key that it lacks is an error.
type component struct {
	Spec struct {
		Inputs map[string]struct {
			Description string
			Options     []string
			Default     *string // nil for an input that has to be given
		}
	}
}

var interpolated = regexp.MustCompile(`\$\[\[ inputs\.([\w-]+) \]\]`)

// readComponent returns the header of the component, and its job as GitLab makes it of
// inputs.
func readComponent(t *testing.T, inputs map[string]string) (c component, job gitlabJob) {
	t.Helper()
	header, body, _ := strings.Cut(readRoot(t, "templates/imcheck.yml"), "\n---\n")
	decode(t, []byte(header), &c)
	for name := range inputs {
		if _, there := c.Spec.Inputs[name]; !there {
			t.Errorf("the component has no input %q", name)
		}
	}
	// GitLab replaces inputs in values that are parsed already; the values here need no quoting.
	body = interpolated.ReplaceAllStringFunc(body, func(part string) string {
		name := interpolated.FindStringSubmatch(part)[1]
		input, there := c.Spec.Inputs[name]
		value, given := inputs[name]
		switch {
		case !there:
			t.Errorf("the input %q is used and not declared", name)
		case !given && input.Default == nil:
			t.Errorf("the input %q has to be given", name)
		case !given:
			value = *input.Default
		case input.Options != nil && !slices.Contains(input.Options, value):
			t.Errorf("the input %q is %q, which is none of %q", name, value, input.Options)
		}
		return strings.ReplaceAll(value, `"`, `\"`)
	})
	jobs := map[string]gitlabJob{}
	decode(t, []byte(body), &jobs)
	if len(jobs) != 1 {
		t.Fatalf("the jobs are %v", jobs)
	}
	for _, job = range jobs {
	}
	return c, job
}

// Each input counts, and the job keeps what the ready one keeps.
func TestComponentIsSound(t *testing.T) {
	c, job := readComponent(t, map[string]string{"source": "s", "out": "folder", "stage": "check"})
	_, body, _ := strings.Cut(readRoot(t, "templates/imcheck.yml"), "\n---\n")
	for name, input := range c.Spec.Inputs {
		if input.Description == "" || !strings.Contains(body, "$[[ inputs."+name+" ]]") {
			t.Errorf("the input %s: %q; is it used?", name, input.Description)
		}
	}
	ready := gitlabJobOf(t, readCI(t, "gitlab.yml"))
	if job.Image != ready.Image || job.Stage != "check" || !slices.Equal(job.AllowFailure.ExitCodes, ready.AllowFailure.ExitCodes) {
		t.Errorf("image, stage and failures are %q, %q and %v", job.Image, job.Stage, job.AllowFailure)
	}
	if a := job.Artifacts; a.When != "always" || !slices.Equal(a.Paths, []string{"folder"}) || a.Reports.JUnit != "folder/junit.xml" {
		t.Errorf("kept are %+v", a)
	}
	if strings.Contains(job.scriptOf(), "$[[") {
		t.Errorf("an input in a script is code of whoever controls its value:\n%s", job.scriptOf())
	}
	for _, verb := range c.Spec.Inputs["verb"].Options {
		if err := checkInvocation([]string{verb, "--profile", "p", "--out", "o"}); err != nil {
			t.Error(err)
		}
	}
}

// componentBuild is a go that builds a program which notes its arguments and ends with
// the exit code in the environment.
const componentBuild = `mkdir -p "${5%/*}"
printf '%s\n' '#!/bin/sh' 'printf "%s\n" "$@" > words' 'exit "$CODE"' > "$5"
chmod +x "$5"
`

// runComponent runs the job of the component with inputs.
func runComponent(t *testing.T, inputs map[string]string, code int) (exit int, words, output string) {
	t.Helper()
	needCommands(t, "sh", "xargs")
	_, job := readComponent(t, inputs)
	g := newGate(t, "", map[string]string{"git": fakeGit, "go": componentBuild}, func(text string) string { return text })
	env := []string{fmt.Sprint("CODE=", code)}
	for name, value := range job.Variables {
		env = append(env, name+"="+value)
	}
	exit, output = g.sh(job.scriptOf(), env...)
	return exit, g.read("words"), output
}

// The job ends with the exit code of the program, which gets the words of args.
func TestComponentRuns(t *testing.T) {
	for code := range exitInconclusive + 1 {
		inputs := map[string]string{"source": "s", "verb": "load", "args": "--threshold 'c2c_delivery.p99<500ms'  --skip=$(touch run)", "profile": "my server.yaml"}
		const want = "load\n--threshold\nc2c_delivery.p99<500ms\n--skip=$(touch\nrun)\n--profile\nmy server.yaml\n--out\nout/imcheck\n"
		if exit, words, output := runComponent(t, inputs, code); exit != code || words != want {
			t.Errorf("exit code %d, want %d; the words are\n%s\n%s", exit, code, words, output)
		}
	}
	if exit, words, output := runComponent(t, map[string]string{"source": "s", "args": "--case 'a"}, 0); exit != exitUsage || words != "" {
		t.Errorf("exit code %d for a quote that is not closed; the words are\n%s\n%s", exit, words, output)
	}
}

// The file that is shown includes the component with inputs that it has, which make
// commands with flags that the program has.
func TestComponentCommands(t *testing.T) {
	var shown struct {
		Include []struct {
			Component string
			Inputs    map[string]string
		}
	}
	decode(t, []byte(readCI(t, "gitlab-component.yml")), &shown)
	for _, include := range shown.Include {
		if !strings.HasSuffix(include.Component, "/imcheck/imcheck@"+include.Inputs["version"]) {
			t.Errorf("the component is %s, the version %s", include.Component, include.Inputs["version"])
		}
		exit, words, output := runComponent(t, include.Inputs, 0)
		if err := checkInvocation(strings.Fields(words)); err != nil || exit != 0 {
			t.Errorf("%v\n%s", err, output)
		}
	}
	if len(shown.Include) != 2 || !bytes.Contains([]byte(readCI(t, "README.md")), []byte("gitlab-component.yml")) {
		t.Errorf("%d components are included; README.md has to name the file", len(shown.Include))
	}
}
