package cli

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"text/template"
)

// releaseConfig has the keys of goreleaser's configuration that ours uses. A key besides
// them is an error, as a misspelt one would be.
type releaseConfig struct {
	Version     int
	ProjectName string `yaml:"project_name"`
	Before      struct{ Hooks []string }
	Builds      []struct {
		Main, Binary string
		Env          []string
		Flags        []string
		Ldflags      []string
		ModTimestamp string `yaml:"mod_timestamp"`
		Targets      []string
	}
	Archives []struct {
		Formats      []string
		NameTemplate string `yaml:"name_template"`
		Files        []releaseFile
	}
	Checksum struct {
		NameTemplate string `yaml:"name_template"`
	}
	SBOMs     []struct{ Artifacts string } `yaml:"sboms"`
	Changelog struct{ Use, Sort string }
}

// releaseFile is what an archive has beside the program: a glob, or one with a place.
type releaseFile struct {
	Src, Dst    string
	StripParent bool `yaml:"strip_parent"`
}

// UnmarshalText reads a glob alone.
func (f *releaseFile) UnmarshalText(glob []byte) error {
	f.Src = string(glob)
	return nil
}

func readRelease(t *testing.T) (c releaseConfig) {
	t.Helper()
	decode(t, []byte(readRoot(t, ".goreleaser.yaml")), &c)
	if c.Version != 2 || len(c.Builds) != 1 || len(c.Archives) != 1 {
		t.Fatalf("version %d, %d builds, %d archives", c.Version, len(c.Builds), len(c.Archives))
	}
	return c
}

// filled executes a template of goreleaser for a release 1.2.3 on a platform.
func filled(t *testing.T, text, system, arch, arm string) string {
	t.Helper()
	made, err := template.New("").Option("missingkey=error").Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := made.Execute(&out, map[string]string{"ProjectName": "imcheck", "Version": "1.2.3", "Os": system, "Arch": arch, "Arm": arm, "CommitTimestamp": "1"}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// releasePlatform is one that a release is built for; arm is "" or the version of ARM.
type releasePlatform struct{ system, arch, arm string }

func releasePlatforms(c releaseConfig) (all []releasePlatform) {
	for _, target := range c.Builds[0].Targets {
		parts := append(strings.Split(target, "_"), "")
		all = append(all, releasePlatform{parts[0], parts[1], parts[2]})
	}
	return all
}

// The release is built for the platforms that CI compiles, each of which Go knows.
func TestReleasePlatforms(t *testing.T) {
	var names []string
	for _, p := range releasePlatforms(readRelease(t)) {
		names = append(names, p.system+"/"+p.arch)
	}
	compiled := regexp.MustCompile(`(?m)^PLATFORMS = (.+)$`).FindStringSubmatch(readMakefile(t))
	if compiled == nil || !slices.Equal(names, strings.Fields(compiled[1])) {
		t.Errorf("released are %q, compiled %q", names, compiled)
	}
	known, err := exec.Command("go", "tool", "dist", "list").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if !slices.Contains(strings.Fields(string(known)), name) {
			t.Errorf("Go does not know %s", name)
		}
	}
}

// CI compiles for these platforms, and runs scripts that are there on 32 bits.
func TestCIHasTheOtherPlatforms(t *testing.T) {
	makefile, commands := readMakefile(t), readRoot(t, ".ci/run")
	for _, target := range []string{"platforms", "test-386"} {
		if _, wrong := checkCommands("make "+target, makefile); wrong != nil || !strings.Contains(commands, "make "+target+"\n") {
			t.Errorf(".ci/run does not make %s: %v", target, wrong)
		}
	}
	scripts := regexp.MustCompile(`TestScripts\$\$/\^\(([a-z|]+)\)\$\$`).FindStringSubmatch(makefile)
	if scripts == nil {
		t.Fatal("make test-386 runs no scripts")
	}
	for name := range strings.SplitSeq(scripts[1], "|") {
		if _, err := os.Stat(filepath.Join("testdata", name+".txtar")); err != nil {
			t.Error(err)
		}
	}
}

// What a release consists of is there, or made by the commands that come before it.
func TestReleaseFiles(t *testing.T) {
	c := readRelease(t)
	makefile := readMakefile(t)
	folder := regexp.MustCompile(`(?m)^RELEASE = (.+)$`).FindStringSubmatch(makefile)
	if folder == nil || !strings.HasPrefix(folder[1], "out/") {
		t.Fatalf("make release-files writes to %q", folder)
	}
	made := map[string]bool{} // by a command before
	for _, hook := range c.Before.Hooks {
		if _, wrong := checkCommands(hook, makefile); wrong != nil {
			t.Error(wrong)
		}
		if words := strings.Fields(hook); words[0] == "syft" {
			made[strings.TrimPrefix(words[len(words)-1], "spdx-json=")] = true
			if !slices.Contains(words, "file:"+folder[1]+"/imcheck") {
				t.Errorf("the bill of materials is not that of what make release-files builds: %s", hook)
			}
		}
	}
	for _, path := range regexp.MustCompile(`\$\(RELEASE\)/(\S+)`).FindAllStringSubmatch(makefile, -1) {
		made[folder[1]+"/"+path[1]+"/*"] = true
	}
	archive := c.Archives[0]
	for _, file := range archive.Files {
		found, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(file.Src)))
		if err != nil || len(found) == 0 && !made[file.Src] {
			t.Errorf("nothing is at %s, and nothing makes it: %v", file.Src, err)
		}
		if strings.HasPrefix(file.Src, "out/") && !file.StripParent {
			t.Errorf("%s is in the archive with the folders of the build", file.Src)
		}
	}
	has := func(part string) bool {
		return slices.ContainsFunc(archive.Files, func(f releaseFile) bool { return strings.Contains(f.Src, part) })
	}
	if !has("/completions/") || !has("/man/") || !has(".spdx.json") || !has("LICENSE") || len(c.SBOMs) != 1 || c.SBOMs[0].Artifacts != "archive" {
		t.Errorf("archives have %+v, bills of materials %+v", archive.Files, c.SBOMs)
	}
	if _, err := os.Stat(filepath.Join("..", c.Builds[0].Main, "main.go")); err != nil {
		t.Error(err)
	}
}

// make release-files writes a completion for each shell, and man pages.
func TestMakeReleaseFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the program")
	}
	needCommands(t, "make", "go")
	folder := t.TempDir()
	command := exec.Command("make", "release-files", "RELEASE="+folder)
	command.Dir, command.Env = "..", append(os.Environ(), "GOFLAGS="+os.Getenv("GOFLAGS")+" -buildvcs=false")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	for _, glob := range []string{"completions/imcheck.bash", "completions/_imcheck", "completions/imcheck.fish", "completions/imcheck.ps1", "man/*.1"} {
		found, err := filepath.Glob(filepath.Join(folder, filepath.FromSlash(glob)))
		if err != nil || len(found) == 0 {
			t.Errorf("there is no %s: %v", glob, err)
		}
		for _, path := range found {
			if info, err := os.Stat(path); err != nil || info.Size() == 0 {
				t.Errorf("%s is empty: %v", path, err)
			}
		}
	}
}

var imageLinked = regexp.MustCompile(` -ldflags="([^"]+)" `)

// A release and an image say their version: both set the same variable, which is there.
func TestReleaseSaysItsVersion(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the program")
	}
	needCommands(t, "go")
	release := strings.Join(readRelease(t).Builds[0].Ldflags, " ")
	image := imageLinked.FindStringSubmatch(readDeploy(t, "Dockerfile"))
	if image == nil {
		t.Fatal("the Dockerfile has no -ldflags")
	}
	flags := filled(t, release, "", "", "")
	if other := strings.ReplaceAll(image[1], "$VERSION", "v1.2.3"); other != flags {
		t.Errorf("a release is linked with %q, an image with %q", flags, other)
	}
	// Without -trimpath, for which everything would be compiled again.
	built := filepath.Join(t.TempDir(), "imcheck")
	build := exec.Command("go", "build", "-buildvcs=false", "-ldflags="+flags, "-o", built, ".")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	for _, word := range []string{"version", "--version"} {
		if out, err := exec.Command(built, word).CombinedOutput(); err != nil || string(out) != "imcheck v1.2.3\n" {
			t.Errorf("%s says %q: %v", word, out, err)
		}
	}
}

// releasedArchive is a gh that has a release 1.2.3 with one archive, whose program is a
// stand-in. The archive is changed after its checksum was taken when SPOILT is set.
const releasedArchive = `[ "$*" = "release download v1.2.3 --repo them/imcheck --pattern $ARCHIVE --pattern checksums.txt --dir imcheck-release --clobber" ] || { echo "gh $*" >&2; exit 1; }
mkdir -p imcheck-release made
printf '#!/bin/sh\necho "imcheck v1.2.3 ran $1"\n' > made/imcheck
chmod +x made/imcheck
tar -czf "imcheck-release/$ARCHIVE" -C made imcheck
cd imcheck-release
shasum -a 256 "$ARCHIVE" > checksums.txt
[ -z "$SPOILT" ] || echo x >> "$ARCHIVE"
`

// The action finds the archive of a release on every runner, and takes none that has changed.
func TestActionDownloads(t *testing.T) {
	needCommands(t, "bash", "tar", "shasum")
	runners := map[string]string{"linux": "Linux", "darwin": "macOS", "windows": "Windows", "amd64": "X64", "arm64": "ARM64", "386": "X86", "arm": "ARM"}
	c := readRelease(t)
	if !slices.Equal(c.Archives[0].Formats, []string{"tar.gz"}) || c.Checksum.NameTemplate != "checksums.txt" {
		t.Errorf("archives are %q, checksums in %s", c.Archives[0].Formats, c.Checksum.NameTemplate)
	}
	download := func(p releasePlatform, spoilt string) actionRun {
		archive := filled(t, c.Archives[0].NameTemplate, p.system, p.arch, p.arm) + ".tar.gz"
		return runAction(t, map[string]string{"version": "v1.2.3"}, map[string]string{"action_repository": "them/imcheck"}, map[string]string{"gh": releasedArchive},
			"RUNNER_OS="+runners[p.system], "RUNNER_ARCH="+runners[p.arch], "ARCHIVE="+archive, "SPOILT="+spoilt)
	}
	for _, p := range releasePlatforms(c) {
		if run := download(p, ""); run.exit != 0 || !strings.Contains(run.output, "imcheck v1.2.3 ran conform") {
			t.Errorf("%v: exit code %d\n%s", p, run.exit, run.output)
		}
	}
	if run := download(releasePlatforms(c)[0], "yes"); run.exit == 0 || strings.Contains(run.output, "ran conform") {
		t.Errorf("an archive that has changed is run: exit code %d\n%s", run.exit, run.output)
	}
}

// The action builds the program from its own sources, and checks a server with it.
func TestActionBuilds(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the program")
	}
	if runtime.GOOS == "windows" {
		t.Skip("the paths of bash are others on Windows")
	}
	needCommands(t, "bash", "xargs", "go")
	source, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	run := runAction(t, map[string]string{"args": "--case login/accepted --sense-mode 3S"}, map[string]string{"action_path": source, "action_ref": "v9.9.9"}, nil)
	if run.exit != 0 || run.outputs["verdict"] != "pass" || run.outputs["report"] == "" {
		t.Errorf("exit code %d, outputs %v\n%s", run.exit, run.outputs, run.output)
	}
	if report := run.read("out/imcheck/report.json"); !strings.Contains(report, fmt.Sprintf("%q", "imcheck v9.9.9")) {
		t.Errorf("the report does not name the version:\n%.300s", report)
	}
}
