package suite

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"imcheck/harness/strictyaml"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

func TestReadExpectedFailuresErrors(t *testing.T) {
	const good = "- {case: qos/a, reason: known, expires: 2030-12-31}\n"
	tests := []struct {
		name, text string
		line       int
		want       string
	}{
		{"an unknown key", good + "- case: qos/a\n  reason: known\n  expires: 2030-12-31\n  until: never\n", 5, `unknown key "until": use case, transport, reason and expires`},
		{"a key twice", "- case: qos/a\n  case: qos/b\n", 2, "already defined"},
		{"a wrong type", "- case: [qos/a]\n", 1, "this has to be a text"},
		{"not YAML", "- case: 'qos\n", 2, "unexpected end"},
		{"not a list", "# known\ncase: qos/a\n", 2, "this has to be a list"},
		{"a second document", good + "---\n" + good, 2, "put everything into one"},
		{"an empty entry", good + "-\n", 2, "an entry needs a case"},
		{"no case", good + "- {reason: known, expires: 2030-12-31}\n", 2, "needs a case"},
		{"no reason", good + "- {case: qos/a, expires: 2030-12-31}\n", 2, "qos/a needs a reason"},
		{"a blank reason", "- {case: qos/a, reason: ' ', expires: 2030-12-31}\n", 1, "needs a reason"},
		{"no day", good + good + "- {case: qos/a, reason: known}\n", 3, "as in expires: 2030-12-31"},
		{"not a day", "- {case: qos/a, reason: known, expires: 2030-02-30}\n", 1, `it has "2030-02-30"`},
		{"a transport without a value", good + "- {case: qos/a, transport: , reason: known, expires: 2030-12-31}\n", 2, "1.transport: there is no value"},
		{"no such transport", "- {case: qos/a, transport: pigeon, reason: known, expires: 2030-12-31}\n", 1, `unknown transport "pigeon": use udp, tcp or ws, or leave it out`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "known.yaml")
			if err := os.WriteFile(path, []byte(test.text), 0o666); err != nil {
				t.Fatal(err)
			}
			_, err := ReadExpectedFailures(path)
			var file *strictyaml.FileError
			if !errors.As(err, &file) {
				t.Fatalf("got %v, want a *strictyaml.FileError", err)
			}
			if file.Line != test.line || file.Path != path || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "conformance.") {
				t.Errorf("got %q of line %d, want %q of line %d", err, file.Line, test.want, test.line)
			}
		})
	}
	if _, err := ReadExpectedFailures(filepath.Join(t.TempDir(), "none.yaml")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: got %v", err)
	}
}

func expectedFailures(t *testing.T, text string) ExpectedFailures {
	t.Helper()
	list, err := parseExpectedFailures("known.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// finishedAs is an item that came to a verdict.
func finishedAs(id string, kind wire.Transport, level reports.Level, v reports.Verdict) Finished {
	return Finished{Item: Item{Case{ID: id, Level: level}, kind}, Result: reports.Result{Case: id, Verdict: v, Reason: "why"}}
}

var day = time.Date(2030, 6, 15, 23, 59, 59, 0, time.UTC)

func TestApplyExpectedFailures(t *testing.T) {
	const list = `
- {case: qos/*, reason: no dedup yet, expires: 2030-06-15}
- {case: login/a, transport: TCP, reason: old library, expires: 2031-01-01}
- {case: kick/a, reason: was fixed, expires: 2030-06-14}
`
	tests := []struct {
		name     string
		finished Finished
		want     reports.Verdict
		reason   string
	}{
		{"a failure", finishedAs("qos/a", wire.UDP, reports.Must, reports.Fail), reports.ExpectedFailure, "no dedup yet (expected until 2030-06-15)"},
		{"a warning", finishedAs("qos/a", wire.UDP, reports.Should, reports.Warn), reports.ExpectedFailure, "no dedup yet (expected until 2030-06-15)"},
		{"a pass", finishedAs("qos/a", wire.WS, reports.Must, reports.Pass), reports.UnexpectedPass, "it passes, but known.yaml:2 expects it to fail (no dedup yet): take it off that list"},
		{"on its transport", finishedAs("login/a", wire.TCP, reports.Must, reports.Fail), reports.ExpectedFailure, "old library (expected until 2031-01-01)"},
		{"on another transport", finishedAs("login/a", wire.UDP, reports.Must, reports.Fail), reports.Fail, "why"},
		{"another case", finishedAs("login/b", wire.TCP, reports.Must, reports.Fail), reports.Fail, "why"},
		{"after its day", finishedAs("kick/a", wire.TCP, reports.Must, reports.Fail), reports.Fail, "why"},
		{"an error", finishedAs("qos/a", wire.UDP, reports.Must, reports.Error), reports.Error, "why"},
		{"inconclusive", finishedAs("qos/a", wire.UDP, reports.Must, reports.Inconclusive), reports.Inconclusive, "why"},
		{"what cannot fail", finishedAs("qos/a", wire.UDP, reports.Info, reports.Pass), reports.Pass, "why"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			known := expectedFailures(t, list)
			covered := known.Covers(test.finished.Item, day)
			finished := []Finished{test.finished}
			known.Apply(finished, day)
			if r := finished[0].Result; r.Verdict != test.want || r.Reason != test.reason {
				t.Errorf("got %s, %q", r.Verdict, r.Reason)
			}
			changed := test.want == reports.ExpectedFailure || test.want == reports.UnexpectedPass
			if changed && !covered {
				t.Error("it is not covered")
			}
		})
	}
}

// TestApplyToRounds checks that a case which fails now and then is rightly on
// the list.
func TestApplyToRounds(t *testing.T) {
	known := expectedFailures(t, "- {case: qos/*, reason: known, expires: 2030-12-31}")
	finished := []Finished{
		finishedAs("qos/a", wire.UDP, reports.Must, reports.Pass), finishedAs("qos/a", wire.UDP, reports.Must, reports.Fail),
		finishedAs("qos/b", wire.UDP, reports.Must, reports.Pass), finishedAs("qos/b", wire.UDP, reports.Must, reports.Pass),
	}
	known.Apply(finished, day)
	for i, want := range []reports.Verdict{reports.Pass, reports.ExpectedFailure, reports.UnexpectedPass, reports.UnexpectedPass} {
		if got := finished[i].Result.Verdict; got != want {
			t.Errorf("result %d: %s instead of %s", i, got, want)
		}
	}
}

func TestExpectedFailuresProblems(t *testing.T) {
	both := []wire.Transport{wire.UDP, wire.TCP}
	catalogue := []Case{
		{ID: "qos/a", Level: reports.Must, Transports: both}, {ID: "login/a", Level: reports.Must, Transports: both}, {ID: "info/a", Level: reports.Info, Transports: both},
	}
	selected := []Item{{catalogue[0], wire.UDP}}
	tests := []struct{ name, text, want string }{
		{"in use", "- {case: qos/a, reason: r, expires: 2030-06-15}", ""},
		{"in use, as a glob", "- {case: '*', reason: r, expires: 2030-06-15}", ""},
		{"empty", "# nothing is known\n", ""},
		{"expired", "- {case: qos/a, reason: r, expires: 2030-06-14}", "known.yaml:1: the entry for qos/a expired on 2030-06-14: fix"},
		{"misspelt", "\n- {case: qos/aa, reason: r, expires: 2030-06-15}", "known.yaml:2: the entry for qos/aa matches no case"},
		{"of a case that cannot fail", "- {case: info/a, reason: r, expires: 2030-06-15}", "matches no case that can fail"},
		{"not selected", "- {case: login/a, reason: r, expires: 2030-06-15}", "the entry for login/a is stale"},
		{"not selected on its transport", "- {case: qos/a, transport: tcp, reason: r, expires: 2030-06-15}", "the entry for qos/a is stale"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			known := expectedFailures(t, test.text)
			problems := known.Problems(catalogue, selected, day)
			if got := strings.Join(problems, "\n"); !strings.Contains(got, test.want) || (test.want == "") != (len(problems) == 0) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
	if all := expectedFailures(t, ""); len(all.Problems(catalogue, selected, day)) != 0 {
		t.Error("an empty file has problems")
	}
}
