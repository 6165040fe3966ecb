package cli

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// instruction is one of a Dockerfile.
type instruction struct{ name, rest string }

// dockerfile returns its instructions; it has no line that goes on in the next one.
func dockerfile(t *testing.T) (all []instruction) {
	t.Helper()
	for line := range strings.Lines(readDeploy(t, "Dockerfile")) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, rest, _ := strings.Cut(line, " ")
		if strings.HasSuffix(line, `\`) || name != strings.ToUpper(name) {
			t.Fatalf("%q is beyond this reader", line)
		}
		all = append(all, instruction{name, rest})
	}
	return all
}

var numericUser = regexp.MustCompile(`^([1-9][0-9]*):([1-9][0-9]*)$`)

// dockerUser is whom the image runs as, by number and not root.
func dockerUser(t *testing.T) (user, group string) {
	t.Helper()
	for _, i := range dockerfile(t) {
		if i.name == "USER" {
			if found := numericUser.FindStringSubmatch(i.rest); found != nil {
				return found[1], found[2]
			}
			t.Fatalf("USER %s is not two numbers over 0", i.rest)
		}
	}
	t.Fatal("the image runs as root")
	return "", ""
}

// The image is a static binary, built by the Go that go.mod asks for, and what
// is started is what was copied from where it was built.
func TestDockerfile(t *testing.T) {
	dockerUser(t)
	all := dockerfile(t)
	var names []string
	rest := map[string]string{} // the last value of each name
	for _, i := range all {
		if last := len(names) - 1; i.name != "LABEL" || names[last] != "LABEL" {
			names = append(names, i.name)
		}
		rest[i.name] = i.rest
	}
	want := []string{"FROM", "WORKDIR", "COPY", "RUN", "COPY", "ARG", "RUN", "RUN", "FROM", "ARG", "ARG", "LABEL", "COPY", "USER", "ENTRYPOINT"}
	if !slices.Equal(names, want) {
		t.Fatalf("instructions are %v, want %v", names, want)
	}
	module, err := os.ReadFile(filepath.Join("..", "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	version := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindSubmatch(module)
	if version == nil || all[0].rest != "golang:"+string(version[1])+" AS build" {
		t.Errorf("it is built from %q, go.mod wants %q", all[0].rest, version)
	}
	if !regexp.MustCompile(`^gcr\.io/distroless/static(-\w+)?$`).MatchString(rest["FROM"]) {
		t.Errorf("it runs on %q, where a static binary needs no more than distroless/static", rest["FROM"])
	}
	const built, placed = "/out/imcheck", "/imcheck"
	if !strings.HasPrefix(rest["RUN"], "CGO_ENABLED=0 go build ") || !strings.HasSuffix(rest["RUN"], " -o "+built+" .") {
		t.Errorf("it is built by %q", rest["RUN"])
	}
	var entry []string
	if err := json.Unmarshal([]byte(rest["ENTRYPOINT"]), &entry); err != nil || !slices.Equal(entry, []string{placed}) {
		t.Errorf("the entry point is %s: %v", rest["ENTRYPOINT"], err)
	}
	if rest["COPY"] != "--from=build "+built+" "+placed {
		t.Errorf("copied is %q", rest["COPY"])
	}
}

var labelled = regexp.MustCompile(`^org\.opencontainers\.image\.(\w+)="([^"]+)"$`)

// The labels say what the image is, and its version, which has to be given.
func TestDockerfileLabels(t *testing.T) {
	labels, scripts := map[string]string{}, ""
	for _, i := range dockerfile(t) {
		switch i.name {
		case "LABEL":
			found := labelled.FindStringSubmatch(i.rest)
			if found == nil {
				t.Fatalf("LABEL %s is beyond this reader", i.rest)
			}
			labels[found[1]] = found[2]
		case "RUN":
			scripts += i.rest + "\n"
		}
	}
	for name, want := range map[string]string{"title": "imcheck", "licenses": "Apache-2.0", "version": "$VERSION", "revision": "$REVISION", "description": labels["description"]} {
		if labels[name] != want || want == "" {
			t.Errorf("the label %s is %q, want %q", name, labels[name], want)
		}
	}
	check, _, _ := strings.Cut(scripts[strings.Index(scripts, "test -n"):], "\n")
	needCommands(t, "sh")
	for version, want := range map[string]int{"": 1, "v1.2.3": 0} {
		command := exec.Command("sh", "-c", check)
		command.Env = append(os.Environ(), "VERSION="+version)
		if out, _ := command.CombinedOutput(); command.ProcessState.ExitCode() != want || (want == 1) != strings.Contains(string(out), "--build-arg VERSION=") {
			t.Errorf("with the version %q it ends with %d:\n%s", version, command.ProcessState.ExitCode(), out)
		}
	}
	image := regexp.MustCompile(`(?m)^image:\n\t(docker build .*)$`).FindStringSubmatch(readMakefile(t))
	if image == nil || !strings.Contains(image[1], "--build-arg VERSION=") || !strings.Contains(image[1], "--build-arg REVISION=") || !strings.Contains(image[1], "-f harness/deploy/Dockerfile ") {
		t.Errorf("make image runs %q", image)
	}
}
