package cli

import (
	"context"
	"io"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// everyFlagSet returns the flags of each verb.
func everyFlagSet() map[string]*pflag.FlagSet {
	all := map[string]*pflag.FlagSet{}
	program().each(func(v verb) { all[v.name] = v.flags() })
	return all
}

// Each verb has a usage text that names it, and its flags; "help" before its name prints
// the same as --help after it.
func TestEveryVerbHasHelp(t *testing.T) {
	verbs := 0
	var check func(verb)
	check = func(v verb) {
		for _, below := range v.group {
			check(below)
		}
		if v.name == "" || v.name == "version" { // which prints the version, whatever follows
			return
		}
		verbs++
		words := strings.Fields(v.name)
		code, out := printed(t, append(words, "--help")...)
		if code != exitGood || !strings.Contains(out, "imcheck "+v.name) {
			t.Errorf("%s --help: exit code %d, %s", v.name, code, out)
		}
		if v.begin != nil && v.flags().HasFlags() && !strings.Contains(out, "\nFlags:\n      --") {
			t.Errorf("%s --help has no flags:\n%s", v.name, out)
		}
		if code, again := printed(t, append([]string{helpVerb}, words...)...); code != exitGood || again != out && v.name != helpVerb {
			t.Errorf("help %s: exit code %d, %s", v.name, code, again)
		}
	}
	check(program())
	if verbs < 10 {
		t.Errorf("%d verbs were checked: is the table read as it was meant?", verbs)
	}
}

// printed returns the exit code of an invocation that ends by itself, and its stdout.
func printed(t *testing.T, args ...string) (code int, out string) {
	t.Helper()
	var text strings.Builder
	a := &app{in: strings.NewReader(""), out: &text, err: io.Discard}
	return a.dispatch(t.Context(), args), text.String()
}

// An unknown verb is answered with the known ones.
func TestUnknownVerbs(t *testing.T) {
	for args, want := range map[string]string{
		"frobnicate":          `unknown verb "frobnicate": use serve, conform, explore, load, drive, talk, proxy or report`,
		"--json":              "the verb goes before --json: use serve, conform, explore, load, drive, talk, proxy or report",
		"report":              "imcheck report html",
		"__completely":        `unknown verb "__completely"`,
		"report paint":        `report: unknown verb "paint": use html, index, matrix, merge or diff`,
		"report --out x html": "report: the verb goes before --out: use html, index, matrix, merge or diff",
	} {
		if code, complaint := dispatched(t, strings.Fields(args)...); code != exitUsage || !strings.Contains(complaint, want) {
			t.Errorf("%q: exit code %d, %s", args, code, complaint)
		}
	}
}

// dispatched runs an invocation whose context has ended, so that none goes on.
func dispatched(t *testing.T, args ...string) (code int, complaint string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var err strings.Builder
	a := &app{in: strings.NewReader(""), out: io.Discard, err: &err}
	return a.dispatch(ctx, args), err.String()
}

// Every flag of every verb refuses an empty value, and a second one unless all
// its values count.
func TestEmptyAndRepeatedFlags(t *testing.T) {
	for verb, flags := range everyFlagSet() {
		flags.VisitAll(func(flag *pflag.Flag) {
			for _, args := range [][]string{{"--" + flag.Name + "="}, {"--" + flag.Name + "= \t"}, {"--" + flag.Name, ""}} {
				if flag.NoOptDefVal != "" && len(args) == 2 {
					args = args[1:] // an operand then
				}
				code, complaint := dispatched(t, append(strings.Fields(verb), args...)...)
				if code != exitUsage || !strings.Contains(complaint, "unset?") {
					t.Errorf("%s %q: exit code %d, %s", verb, args, code, complaint)
				}
			}
			value := "--" + flag.Name + "=" + exampleValue(flag)
			code, complaint := dispatched(t, append(strings.Fields(verb), value, value, "--no-such-flag")...)
			want := "--" + flag.Name + " is given twice"
			if repeatable(flag) {
				want = "unknown flag"
			}
			if code != exitUsage || !strings.Contains(complaint, want) {
				t.Errorf("%s %s twice: exit code %d, %s", verb, value, code, complaint)
			}
		})
	}
}

// exampleValue returns a value that the flag can parse.
func exampleValue(flag *pflag.Flag) string {
	switch flag.Value.Type() {
	case "bool":
		return "true"
	case "duration":
		return "1s"
	case "percent":
		return "1%"
	}
	return "1"
}

// All values of a repeatable flag count.
func TestRepeatableFlags(t *testing.T) {
	var f conformFlags
	flags := newFlags("conform")
	f.register(flags)
	if err := parseArguments(flags, []string{"--case", "a", "--case=b", "--sense-modes", "3S", "--sense-modes", "5S,10S"}); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(f.selection.Cases, " "); got != "a b" {
		t.Errorf("cases %s", got)
	}
	if got := strings.Join(f.senseModes, " "); got != "3S 5S 10S" {
		t.Errorf("sense modes %s", got)
	}
}

// An operand that is empty does not mean the current folder.
func TestEmptyOperand(t *testing.T) {
	for _, args := range [][]string{{"report", "html", ""}, {"report", "diff", "", t.TempDir()}, {"report", ""}, {"conform", ""}} {
		if code, complaint := dispatched(t, args...); code != exitUsage || !strings.Contains(complaint, "is empty") {
			t.Errorf("%q: exit code %d, %s", args, code, complaint)
		}
	}
}
