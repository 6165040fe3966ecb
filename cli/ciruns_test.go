package cli

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Stand-ins. gh knows one run of main when there is one; a repository without the
// workflow, as before its first run, is an error of the list.
const (
	fakeGH = `case "$*" in
"run list --workflow imcheck --branch main --event push --status success --limit 1 --json databaseId --jq .[].databaseId")
  [ -n "$KEPT" ] || { echo "could not find any workflows named imcheck" >&2; exit 1; }
  echo 17 ;;
"run download 17 --name imcheck --dir baseline")
  mkdir baseline && cp -R "$KEPT/imcheck/." baseline ;;
*) echo "gh $*: what is that?" >&2; exit 1 ;;
esac
`
	fakeGit = `case "$1" in
clone) for folder; do :; done; ln -s "$SOURCE" "$folder" ;;
*) echo "git $*: what is that?" >&2; exit 1 ;;
esac
`
)

// ownLoopback finds an address of this machine's loopback at which the ports of
// the jobs are free. The usual one is every test's, and others take its ports.
func ownLoopback(t *testing.T) (host string) {
	t.Helper()
	free := func(host string) bool {
		udp, err := net.ListenPacket("udp", host+":7901")
		if err != nil {
			return false
		}
		defer udp.Close()
		for _, port := range []string{":8901", ":3000"} {
			stream, err := net.Listen("tcp", host+port)
			if err != nil {
				return false
			}
			defer stream.Close()
		}
		return true
	}
	for range 10 {
		host = fmt.Sprintf("127.%d.%d.%d", 1+rand.IntN(250), rand.IntN(250), 1+rand.IntN(250))
		if free(host) {
			return host
		}
	}
	t.Skip("the loopback of this machine has one address only, whose ports others may take")
	return ""
}

// replaceAll replaces what has to be there in one of the files at least.
func replaceAll(seen map[string]bool, pairs ...string) func(string) string {
	return func(text string) string {
		for i := 0; i < len(pairs); i += 2 {
			seen[pairs[i]] = seen[pairs[i]] || strings.Contains(text, pairs[i])
			text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
		}
		return text
	}
}

// The gate as it is in front of a server: the first run on main, a change that
// breaks nothing, one that breaks a rule, and one after which the server is not
// there. Cases and load are short ones.
func TestCIGate(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the program and runs it many times")
	}
	for name, platform := range ciPlatforms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			needCommands(t, append(platform.commands, "go")...)
			run := func(kept, server string) ciRun {
				seen := map[string]bool{}
				change := replaceAll(seen, "127.0.0.1:", ownLoopback(t)+":", "imcheck serve", server, "imcheck conform", "imcheck conform --case login/accepted --case login/refused",
					"--clients 500 --ramp 5s --warmup 2s --duration 30s --rate 500", "--clients 20 --ramp 200ms --warmup 0s --duration 1s --rate 50")
				g := newGate(t, kept, map[string]string{"gh": fakeGH, "git": fakeGit}, change)
				r := platform.run(g)
				g.killServer()
				for text, found := range seen {
					if !found {
						t.Fatalf("there is no %q to change", text)
					}
				}
				return r
			}
			first := run("", "imcheck serve")
			first.passes("to compare with")
			first.keeps("report.html", "report.json", "load.json", "junit.xml")
			main := filepath.Join(first.workspace, "out")
			second := run(main, "imcheck serve")
			second.passes("no regression")
			second.keeps("report.html", "junit.xml", "diff/diff.md")
			worse := run(main, "imcheck serve --fault verdict-ignored")
			worse.fails(exitFallsShort, "login/refused", "regressed")
			worse.keeps("report.html", "junit.xml", "diff/diff.md", "load.json")
			gone := run(main, `echo '"udp":' > out/server.log #`)
			gone.fails(exitUnreachable, "no server answers on udp")
			gone.keeps("report.html", "report.json", "load.json")
			if name == "GitHub" {
				second.summarizes("conformance: ", " load: ", "compar")
				worse.summarizes("✗ FAIL conformance", "login/refused", "regressed")
			}
		})
	}
}

// fakeBuild is a go that builds a program which ends with the exit codes in the
// environment.
const fakeBuild = `mkdir -p "${5%/*}"
cat > "$5" <<'END'
#!/bin/sh
case "$1" in
serve) echo '{"udp":"there"}' ;;
conform) mkdir -p out/imcheck; exit "$CONFORM" ;;
load) exit "$LOAD" ;;
report) [ "$DIFF" -eq 2 ] || { mkdir -p out/imcheck/diff; echo compared > out/imcheck/diff/diff.md; }; exit "$DIFF" ;;
esac
END
chmod +x "$5"
`

// What a job makes of the exit codes of the program.
func TestCIExitCodes(t *testing.T) {
	tests := []struct {
		conform, load, diff int
		gitHub, gitLab      int
	}{
		{0, 0, 0, 0, 0},
		{4, 0, 0, 0, 4}, // GitLab shows 4 as a warning
		{0, 4, 0, 0, 4},
		{4, 4, 1, 1, 1},
		{1, 0, 0, 1, 1},
		{0, 1, 0, 1, 1},
		{0, 0, 1, 1, 1},
		{0, 0, 2, 0, 0}, // the runs cannot be compared
		{3, 0, 1, 3, 1},
		{0, 3, 2, 3, 3},
		{2, 4, 0, 2, 2},
		{0, 2, 0, 2, 2},
	}
	kept := t.TempDir()
	needCommands(t, "sh", "tar")
	if out, err := exec.Command("sh", "-e", "-c", `cd "$0"; mkdir imcheck; echo x > imcheck/report.json; tar -czf imcheck.tgz -C imcheck .`, kept).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, platform := range ciPlatforms {
		for _, test := range tests {
			t.Run(fmt.Sprintf("%s/%d,%d,%d", name, test.conform, test.load, test.diff), func(t *testing.T) {
				t.Parallel()
				needCommands(t, platform.commands...)
				g := newGate(t, kept, map[string]string{"gh": fakeGH, "git": fakeGit, "go": fakeBuild}, func(text string) string { return text })
				g.env = append(g.env, fmt.Sprint("CONFORM=", test.conform), fmt.Sprint("LOAD=", test.load), fmt.Sprint("DIFF=", test.diff))
				want := test.gitHub
				if name == "GitLab" {
					want = test.gitLab
				}
				run := platform.run(g)
				if run.exit != want {
					t.Errorf("exit code %d, want %d:\n%s", run.exit, want, run.output)
				}
				if name == "GitHub" && (test.diff != 2) != strings.Contains(run.read("summary.md"), "compared") {
					t.Errorf("the summary is %q", run.read("summary.md"))
				}
			})
		}
	}
}

// An artifact that has expired is as good as none.
func TestCIWithoutArtifact(t *testing.T) {
	for name, platform := range ciPlatforms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			needCommands(t, platform.commands...)
			g := newGate(t, t.TempDir(), map[string]string{"gh": fakeGH, "git": fakeGit, "go": fakeBuild}, func(text string) string { return text })
			g.env = append(g.env, "CONFORM=0", "LOAD=0", "DIFF=1")
			if run := platform.run(g); run.exit != 0 || !strings.Contains(run.output, "to compare with") {
				t.Errorf("exit code %d:\n%s", run.exit, run.output)
			}
		})
	}
}
