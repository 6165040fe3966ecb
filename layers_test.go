package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// below are the folders that each folder may import packages of, beside its own, tests
// aside: what is not named is above it, or has nothing to do with it. A name that ends
// with "/." is one package alone. A package with an entry of its own keeps to that.
var below = map[string][]string{
	"protocol":         {},
	"fixtures":         {},
	"reports":          {},
	"harness":          {"protocol", "reports/words"},
	"reference-server": {"protocol", "harness"},
	"conformance":      {"protocol", "harness", "reports/."},
	"loadgen":          {"protocol", "harness", "reports/.", "reports/verdict"},
	"cli":              {"protocol", "harness", "reference-server", "conformance", "loadgen", "reports", "fixtures"},
	"internal":         {"protocol"}, // for tests
	"":                 {"cli"},

	// The engine knows neither end of the protocol.
	"conformance/suite": {"protocol/versions", "protocol/wire", "harness/machine", "harness/strictyaml", "harness/transport/impair", "harness/transport/record", "reports/."},
}

// loadgenOrder are the packages of loadgen, each of which imports those before it at most.
var loadgenOrder = []string{"plan", "options", "books", "host", "engine", "scenario", "swarm", "capacity"}

// TestLayers holds who imports whom: no arrow between folders leads back up. A suite that
// imported the server it judges would prove less than it says.
func TestLayers(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}: {{join .Imports " "}}`, "./...").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		path, imports, _ := strings.Cut(strings.TrimSpace(line), ": ")
		name := strings.TrimPrefix(strings.TrimPrefix(path, "imcheck"), "/")
		folder, _, _ := strings.Cut(name, "/")
		own := name
		rule, known := below[own]
		if !known {
			own = folder
			rule, known = below[own]
		}
		if !known {
			t.Errorf("%s: no rule says what the folder %s may import", path, folder)
		}
		for imported := range strings.FieldsSeq(imports) {
			ours, isOurs := strings.CutPrefix(imported, "imcheck/")
			if isOurs && !covers(append(rule, own), ours) {
				t.Errorf("%s imports %s, which is not below %q", path, imported, folder)
			}
			if part, isPart := strings.CutPrefix(ours, "loadgen/"); isPart && folder == "loadgen" {
				if before := slices.Index(loadgenOrder, strings.TrimPrefix(name, "loadgen/")); before < 0 || !slices.Contains(loadgenOrder[:before], part) {
					t.Errorf("%s imports %s, which is not before it in %q", path, imported, loadgenOrder)
				}
			}
			if folder == "protocol" && !isOurs && doesIO(imported) {
				t.Errorf("%s imports %s: the rules use the standard library only, and do no I/O", path, imported)
			}
		}
	}
}

// doesIO reports whether a package is of others, or leads out of the process.
func doesIO(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return strings.Contains(first, ".") || slices.Contains([]string{"net", "os", "syscall"}, first)
}

func covers(rule []string, imported string) bool {
	return slices.ContainsFunc(rule, func(prefix string) bool {
		below, alone := strings.CutSuffix(prefix, "/.")
		return imported == below || !alone && strings.HasPrefix(imported, below+"/")
	})
}

var readsClock = regexp.MustCompile(`\btime\.(Now|Sleep|After|AfterFunc|NewTimer|NewTicker|Since|Until)\(`)

// TestRulesReadNoClock holds that time is a parameter of everything below protocol.
func TestRulesReadNoClock(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("protocol", "*", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if call := readsClock.Find(text); call != nil {
			t.Errorf("%s calls %s): the rules are handed the time", file, call)
		}
	}
}
