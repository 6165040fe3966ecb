package cases_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"imcheck/conformance"
	"imcheck/conformance/cases"
	"imcheck/reference-server/server"
	"imcheck/reports"
)

var update = flag.Bool("update", false, "rewrite docs/mutants.md")

// TestEveryFaultIsCaught holds that each fault is noticed by the cases that
// catches names, and by no other.
func TestEveryFaultIsCaught(t *testing.T) {
	for _, fault := range server.Faults() {
		t.Run(fault.Name, func(t *testing.T) {
			t.Parallel()
			named := catches[fault.Name]
			catalogue := cases.All()
			if name, _, _ := strings.Cut(named.by, "/"); underRace {
				catalogue = area(name) // what catches the fault is the same, and the rest takes minutes
			}
			// Faults of the stamp need a server that stamps, others one that does not.
			w := world{modes: all3S, stamp: strings.HasPrefix(fault.Name, "stamp-"), faults: []server.Fault{fault}}
			failures := failuresOf(t, w.run(t, catalogue))
			expectNoticed(t, named, failures)
			expectNothingElse(t, named, failures)
		})
	}
}

func TestCatchesAreOfFaults(t *testing.T) {
	known := map[string]bool{}
	for _, fault := range server.Faults() {
		known[fault.Name] = true
	}
	for name, named := range catches {
		if !known[name] {
			t.Errorf("the server has no fault %s any more", name)
		}
		id, _ := named.rule()
		caseByID(t, id)
	}
}

// rule is the case that names the rule, and the transport that the fault is
// on, "" for all.
func (c catch) rule() (id, transport string) {
	id, transport, _ = strings.Cut(c.by, "[")
	return id, strings.TrimSuffix(transport, "]")
}

// failuresOf picks the failures, and holds that each says what it is about.
func failuresOf(t *testing.T, results []reports.Result) (failures []reports.Result) {
	t.Helper()
	for _, r := range results {
		switch r.Verdict {
		case reports.Pass, reports.NotSupported:
			continue
		case reports.Fail:
			failures = append(failures, r)
		default:
			t.Errorf("the server is at fault, not the harness: %s", conformance.Explain(r))
		}
		if r.Expected == "" || r.Actual == "" || strings.ContainsAny(r.Expected+r.Actual, "\n") {
			t.Errorf("a failure has to say what was expected and what came, each on one line: %s", conformance.Explain(r))
		}
	}
	return failures
}

// expectNoticed holds that the case that names the rule failed, and something
// of each further glob.
func expectNoticed(t *testing.T, named catch, failures []reports.Result) {
	t.Helper()
	id, transport := named.rule()
	caught := slices.ContainsFunc(failures, func(r reports.Result) bool {
		return r.Case == id && r.Level == string(conformance.Must) && (transport == "" || transport == r.Transport)
	})
	if !caught {
		t.Errorf("%q did not fail, %d others did", named.by, len(failures))
	}
	if underRace {
		return // most cases were not run
	}
	for _, glob := range strings.Fields(named.also) {
		if !slices.ContainsFunc(failures, func(r reports.Result) bool { return matches(glob, r.Case) }) {
			t.Errorf("nothing failed of %s, which notices this fault too", glob)
		}
	}
}

// expectNothingElse holds that no case failed that has nothing to do with the
// fault.
func expectNothingElse(t *testing.T, named catch, failures []reports.Result) {
	t.Helper()
	id, transport := named.rule()
	globs := append(strings.Fields(named.also), id)
	for _, r := range failures {
		related := slices.ContainsFunc(globs, func(glob string) bool { return matches(glob, r.Case) })
		if !related || transport != "" && transport != r.Transport {
			t.Errorf("this fault is none of its business: %s", conformance.Explain(r))
		}
	}
}

func matches(glob, id string) bool {
	ok, err := path.Match(glob, id)
	return ok && err == nil
}

// mutantsFile is where the matrix is written down for people.
const mutantsFile = "../../docs/mutants.md"

func TestMutantsAreDocumented(t *testing.T) {
	want := mutantsDocument()
	if *update {
		if err := os.WriteFile(mutantsFile, want, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(mutantsFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is out of date: go test ./conformance/cases -run Documented -update", mutantsFile)
	}
}

func mutantsDocument() []byte {
	var b bytes.Buffer
	b.WriteString(mutantsPreface)
	for _, fault := range server.Faults() {
		named := catches[fault.Name]
		also := ""
		for _, glob := range strings.Fields(named.also) {
			also += "`" + glob + "` "
		}
		fmt.Fprintf(&b, "| `%s` | %s | `%s` | %s |\n", fault.Name, fault.Rule, strings.Replace(named.by, "[", " [", 1), strings.TrimSpace(also))
	}
	return b.Bytes()
}

const mutantsPreface = `# Mutants

Each fault of the reference server (` + "`imcheck serve --fault NAME`" + `) is one defect. The
whole catalogue is run against every one of them in virtual time: the case that
names the broken rule has to fail, cases that use the rule on their way may fail
too, and nothing else does. The healthy server fails none.

A transport in brackets means that the fault shows on that one alone. The faults
called ` + "`stamp-`" + ` need a server that stamps (` + "`--stamp`" + `).

Of framing the limits alone have faults. That listeners take frames split or
joined in any way, answer pings, refuse malformed frames and do not take a ping
or an incomplete frame for activity is built into ` + "`harness/transport`" + `, which has
no switch to break it: its own tests hold it.

This file is written by ` + "`go test ./conformance/cases -run Documented -update`" + `.

| fault | what the server does instead | caught by | noticed by, too |
|---|---|---|---|
`
