package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// commandsIn returns the commands of a shell script as expanded words. An unknown
// variable, and the output of a command, is "1".
func commandsIn(script string) (commands [][]string, err error) {
	file, err := syntax.NewParser().Parse(strings.NewReader(script), "")
	if err != nil {
		return nil, err
	}
	config := &expand.Config{
		Env:      expand.FuncEnviron(func(string) string { return "1" }),
		CmdSubst: func(w io.Writer, _ *syntax.CmdSubst) error { _, err := io.WriteString(w, "1"); return err },
	}
	syntax.Walk(file, func(node syntax.Node) bool {
		call, ok := node.(*syntax.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		words, failure := expand.Fields(config, call.Args...)
		err = errors.Join(err, failure)
		commands = append(commands, words)
		return true
	})
	return commands, err
}

// checkCommands wants every command of this project in a script to be there,
// with the flags that it is given. It returns their number, and the
// faults.
func checkCommands(script, makefile string) (checked int, wrong error) {
	commands, wrong := commandsIn(script)
	for _, words := range commands {
		switch filepath.Base(words[0]) {
		case "imcheck":
			wrong = errors.Join(wrong, checkInvocation(words[1:]))
		case "make":
			if target := words[len(words)-1]; !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(target) + `:`).MatchString(makefile) {
				wrong = errors.Join(wrong, fmt.Errorf("%q: the Makefile has no %s", words, target))
			}
		case "go":
			if len(words) < 2 || words[1] != "test" {
				continue
			}
			wrong = errors.Join(wrong, checkGoTest(words[2:]))
		default:
			continue
		}
		checked++
	}
	return checked, wrong
}

// checkInvocation has the program read its arguments, and print help instead of running.
func checkInvocation(args []string) error {
	args = slices.DeleteFunc(slices.Clone(args), func(word string) bool { return word == "..." })
	var complaint strings.Builder
	a := &app{out: io.Discard, err: &complaint}
	if code := a.dispatch(context.Background(), append(args, "--help")); code != exitGood {
		return fmt.Errorf("%q: %s", args, complaint.String())
	}
	return nil
}

// testName is a function that go test runs.
var testName = regexp.MustCompile(`(?m)^func ((Test|Benchmark|Fuzz)\w*)\(`)

// checkGoTest wants -run and -bench to find something in the folder that is named
// last, before what the test itself gets: go test is content with nothing.
func checkGoTest(args []string) error {
	if own := slices.Index(args, "-args"); own >= 0 {
		args = args[:own]
	}
	files, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(args[len(args)-1]), "*_test.go"))
	if err != nil || len(files) == 0 {
		return errors.Join(err, fmt.Errorf("%q: there are no tests", args))
	}
	var names []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, found := range testName.FindAllStringSubmatch(string(text), -1) {
			names = append(names, found[1])
		}
	}
	for i, flag := range args {
		kind := map[string]string{"-run": "Test", "-bench": "Benchmark"}[flag]
		if kind == "" || args[i+1] == "^$" {
			continue
		}
		top, _, _ := strings.Cut(args[i+1], "/") // those below it are made by a table
		pattern, err := regexp.Compile(top)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, kind) && pattern.MatchString(name) }) {
			return fmt.Errorf("%q: %s %s finds nothing", args, flag, args[i+1])
		}
	}
	return nil
}

// codeBlocks returns what is indented in a Markdown text. What is between fences is in
// other languages.
func codeBlocks(text string) (blocks []string) {
	var block strings.Builder
	flush := func() {
		if block.Len() > 0 {
			blocks = append(blocks, block.String())
		}
		block.Reset()
	}
	before, fenced := "", false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		if fenced {
			continue
		}
		code, indented := strings.CutPrefix(line, "    ")
		if indented && (block.Len() > 0 || strings.TrimSpace(before) == "") {
			block.WriteString(code)
		} else if strings.TrimSpace(line) != "" {
			flush()
		}
		before = line
	}
	flush()
	return blocks
}

func readMakefile(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What is documented works: every command has the flags that it is shown with.
func TestDocumentedCommands(t *testing.T) {
	makefile := readMakefile(t)
	for name, atLeast := range map[string]int{"README.md": 20, "harness/deploy/README.md": 1, "docs/performance.md": 9, "docs/deployments.md": 8, "docs/adapter.md": 1, "docs/operation.md": 4, "docs/tutorial.md": 1, "docs/judging-a-client.md": 9} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(name)))
			if err != nil {
				t.Fatal(err)
			}
			found := 0
			for _, block := range codeBlocks(string(text)) {
				checked, wrong := checkCommands(block, makefile)
				if wrong != nil {
					t.Errorf("%v in\n%s", wrong, block)
				}
				found += checked
			}
			if found < atLeast {
				t.Errorf("%d commands were found, want %d or more: is the text read as it was meant?", found, atLeast)
			}
		})
	}
}

// The check itself notices what is wrong, and nothing else.
func TestCheckCommands(t *testing.T) {
	const makefile = "build:\n\tgo build"
	for script, want := range map[string]string{
		"if true; then make -C there build && x=1 bin/imcheck load --rate \\\n\"$RATE\" ...; fi # comment": "",
		"go build ./...": "",
		"go test -run '^$' -bench Echo -v ./loadgen/swarm": "",
		"go test -bench Echo/udp ./loadgen/swarm -args -x": "",
		"go test -bench NoSuch ./loadgen/swarm":            "finds nothing",
		"go test -run BenchmarkEcho ./loadgen/swarm":       "finds nothing",
		"go test ./no/such":                                "no tests",
		"imcheck conform --no-such-flag":                   "unknown flag",
		"(imcheck frobnicate)":                             "unknown verb",
		"imcheck load --clients many || true":              "invalid argument",
		"imcheck report paint a":                           "unknown verb",
		"make no-such-target":                              "the Makefile has no no-such-target",
		"imcheck serve \"":                                 "quote",
	} {
		if _, err := checkCommands(script, makefile); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", script, err, want)
		}
	}
}
