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

// allowed is which packages of this module each part may import, tests aside.
// A prefix stands for everything below it, one that ends with "/." for its package
// alone. What is not named here may import nothing of ours: reports and fixtures are
// used by all and depend on none but their own. Within reports, arrows lead from
// what puts renderings together over the renderings to what they show, and to data.
var allowed = map[string][]string{
	"harness/bounds":         {},
	"harness/machine":        {},
	"harness/wire":           {},
	"harness/timing":         {"harness/wire"},
	"harness/qos":            {"harness/wire"},
	"harness/transport":      {"harness/bounds", "harness/wire", "harness/transport"},
	"harness/client":         {"harness/bounds", "harness/wire", "harness/timing", "harness/qos", "harness/transport"},
	"harness/strictyaml":     {},
	"harness/target":         {"harness/wire", "harness/timing", "harness/transport", "harness/strictyaml", "reports/words"},
	"reference-server/rules": {"harness/wire", "harness/timing", "harness/qos"},
	"reference-server":       {"harness/wire", "harness/timing", "harness/qos", "harness/transport", "reference-server"},
	"conformance":            {"harness/machine", "harness/wire", "harness/timing", "harness/qos", "harness/transport", "harness/target", "harness/strictyaml", "conformance", "reports/."},
	"loadgen":                {"harness/bounds", "harness/machine", "harness/wire", "harness/timing", "harness/qos", "harness/transport", "harness/client", "harness/target", "harness/strictyaml", "reports/."},
	"harness/cli":            {"harness", "reference-server", "conformance", "loadgen", "reports", "fixtures"},
	"reports":                {"reports/words"},
	"reports/words":          {},
	"reports/chart":          {},
	"reports/content":        {"reports/.", "reports/words"},
	"reports/text":           {"reports/.", "reports/words", "reports/content"},
	"reports/markdown":       {"reports/.", "reports/words", "reports/content"},
	"reports/junit":          {"reports/.", "reports/words", "reports/content"},
	"reports/page":           {"reports/.", "reports/words", "reports/content", "reports/chart"},
	"reports/folder":         {"reports/.", "reports/junit", "reports/markdown", "reports/page"},
	"reports/merge":          {"reports/.", "reports/words", "reports/content", "reports/folder"},
	"reports/diff":           {"reports/.", "reports/words", "reports/content", "reports/chart", "reports/text", "reports/markdown", "reports/page"},
	"reports/index":          {"reports/.", "reports/words", "reports/content", "reports/chart", "reports/text", "reports/page", "reports/diff"},
	"reports/browser":        {},
	"reports/internal":       {"reports/."},
	"fixtures":               {},
	"internal/childprocess":  {},
	"internal/hostile":       {"harness/wire"},
	"":                       {"harness/cli"},
}

// standardOnly are the packages that import nothing but the standard library
// and each other: the protocol as code without I/O.
var standardOnly = []string{"harness/wire", "harness/timing", "harness/qos", "reference-server/rules"}

// TestLayers holds who imports whom. A suite that imported the server it
// judges, or rules that could reach a socket, would prove less than they say.
func TestLayers(t *testing.T) {
	const format = `{{.ImportPath}}: {{join .Imports " "}}`
	out, err := exec.Command("go", "list", "-f", format, "./...").CombinedOutput()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		path, imports, _ := strings.Cut(strings.TrimSpace(line), ": ")
		name := strings.TrimPrefix(strings.TrimPrefix(path, "imcheck"), "/")
		part, rule := ruleFor(name)
		for imported := range strings.FieldsSeq(imports) {
			ours := imported == "imcheck" || strings.HasPrefix(imported, "imcheck/")
			switch {
			case ours && !covers(rule, strings.TrimPrefix(imported, "imcheck/")):
				t.Errorf("%s imports %s, which %q may not", path, imported, part)
			case !ours && strings.Contains(imported, ".") && slices.Contains(standardOnly, name):
				t.Errorf("%s imports %s: it is to use the standard library only", path, imported)
			case slices.Contains(standardOnly, name) && (imported == "net" || imported == "os" || strings.HasPrefix(imported, "net/")):
				t.Errorf("%s imports %s: it is to do no I/O", path, imported)
			}
		}
	}
}

// ruleFor finds the most specific part that a package belongs to.
func ruleFor(name string) (part string, rule []string) {
	for candidate, imports := range allowed {
		if (name == candidate || candidate != "" && strings.HasPrefix(name, candidate+"/")) && len(candidate) >= len(part) {
			part, rule = candidate, imports
		}
	}
	return part, rule
}

func covers(rule []string, imported string) bool {
	return slices.ContainsFunc(rule, func(prefix string) bool {
		below, alone := strings.CutSuffix(prefix, "/.")
		return imported == below || !alone && strings.HasPrefix(imported, below+"/")
	})
}

var readsClock = regexp.MustCompile(`\btime\.(Now|Sleep|After|AfterFunc|NewTimer|NewTicker|Since|Until)\(`)

// TestRulesReadNoClock holds that time is a parameter of the rules.
func TestRulesReadNoClock(t *testing.T) {
	for _, folder := range standardOnly {
		files, err := filepath.Glob(filepath.Join(filepath.FromSlash(folder), "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", folder, len(files), err)
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
}
