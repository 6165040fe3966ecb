package servercases_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"imcheck/conformance/internal/casestest"
	"imcheck/conformance/servercases"
	"imcheck/conformance/suite"
	"imcheck/protocol/controlapi"
	"imcheck/reference-server/faults"
	"imcheck/reports"
)

// TestEveryFaultIsCaught checks that each fault is noticed by the cases that
// catches names, and by no other: of all with -thorough, without it of the area of the
// case that names the rule. With the race detector it looks at some of the faults only.
//
// Without that, it also checks that every case fails against some fault, and not
// only against those that make everything fail but name another case: a case that
// cannot fail shows nothing.
func TestEveryFaultIsCaught(t *testing.T) {
	var mu sync.Mutex
	canFail, ran := map[string]bool{}, 0
	t.Run("faults", func(t *testing.T) {
		runEveryFault(t, func(failures []reports.Result) {
			mu.Lock()
			defer mu.Unlock()
			ran++
			for _, failed := range failures {
				canFail[failed.Case] = true
			}
		})
	})
	if underRace || ran < len(faults.All()) { // -run has picked some
		return
	}
	for _, c := range servercases.All() {
		if c.Level != reports.Info && !canFail[c.ID] {
			t.Errorf("no fault makes %s fail", c.ID)
		}
	}
}

// raceSample is the number of faults for each one that is tried with the race
// detector: the code that it looks at is the same for all.
const raceSample = 8

func runEveryFault(t *testing.T, note func(failures []reports.Result)) {
	for i, fault := range faults.All() {
		if underRace && i%raceSample != 0 {
			continue
		}
		t.Run(fault.Name, func(t *testing.T) {
			t.Parallel()
			named := catches[fault.Name]
			id, _ := named.rule()
			w := world{
				modes: all3S, faults: []faults.Fault{fault}, stamp: named.on == stamping, observed: named.on == observed, bridged: named.on == bridged,
				long: caseByID(t, id).LongWait > 0,
			}
			failures := failuresOf(t, named, w.run(t, named.catalogue()))
			note(slices.DeleteFunc(slices.Clone(failures), func(r reports.Result) bool {
				return named.also == everything && r.Case != id
			}))
			expectNoticed(t, named, failures)
			expectNothingElse(t, named, failures)
		})
	}
}

// TestPlantedFaultsPass checks that no case notices the faults that are there for
// exploring to find, or for cases under load. One that is noticed belongs among the others.
// Without -thorough one of them is tried.
func TestPlantedFaultsPass(t *testing.T) {
	skipUnderRace(t)
	for i, fault := range slices.Concat(faults.Planted(), faults.UnderLoad()) {
		if _, named := catches[fault.Name]; named || slices.ContainsFunc(faults.All(), func(f faults.Fault) bool { return f.Name == fault.Name }) {
			t.Errorf("%s is in both lists of faults", fault.Name)
		}
		if i > 0 && !*thorough {
			continue
		}
		t.Run(fault.Name, func(t *testing.T) {
			t.Parallel()
			w := world{modes: all3S, faults: []faults.Fault{fault}, stamp: true, long: true}
			casestest.ExpectVerdict(t, w.run(t, servercases.All()), reports.Pass)
			w.stamp = false
			casestest.ExpectVerdict(t, w.run(t, needing(controlapi.CapabilityStamp, false)), reports.Pass)
		})
	}
}

func TestCatchesAreOfFaults(t *testing.T) {
	known := map[string]bool{}
	for _, fault := range faults.All() {
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

// catalogue returns the cases to run against the fault: all with -thorough, otherwise the area of
// the case that names the rule, and the other cases that notice the fault too.
func (c catch) catalogue() []suite.Case {
	if *thorough {
		return servercases.All()
	}
	id, _ := c.rule()
	name, _, _ := strings.Cut(id, "/")
	if underRace || c.also == everything {
		return area(name)
	}
	return slices.DeleteFunc(servercases.All(), func(each suite.Case) bool {
		return each.Area() != name && !casestest.Matches(c.also, each.ID)
	})
}

// failuresOf picks the failures, and the warnings unless the server is like the
// observed one, which has earned them. It checks that each says what it is about.
func failuresOf(t *testing.T, named catch, results []reports.Result) (failures []reports.Result) {
	t.Helper()
	for _, r := range results {
		switch r.Verdict {
		case reports.Pass, reports.NotSupported:
			continue
		case reports.Fail:
			failures = append(failures, r)
		case reports.Warn:
			if named.on != observed {
				failures = append(failures, r)
			}
		default:
			t.Errorf("the server is at fault, not the harness: %s", suite.Explain(r))
		}
		if r.Expected == "" || r.Actual == "" || strings.ContainsAny(r.Expected+r.Actual, "\n") {
			t.Errorf("a failure has to say what was expected and what came, each on one line: %s", suite.Explain(r))
		}
	}
	return failures
}

// expectNoticed checks that the case that names the rule failed, and something
// of each further glob.
func expectNoticed(t *testing.T, named catch, failures []reports.Result) {
	t.Helper()
	id, transport := named.rule()
	caught := slices.ContainsFunc(failures, func(r reports.Result) bool {
		return r.Case == id && (transport == "" || transport == r.Transport)
	})
	if !caught {
		t.Errorf("%q did not fail, %d others did", named.by, len(failures))
	}
	if underRace || named.also == everything && !*thorough {
		return // most cases were not run
	}
	for _, glob := range strings.Fields(named.also) {
		if !strings.HasPrefix(glob, "?") && !slices.ContainsFunc(failures, func(r reports.Result) bool { return casestest.Matches(glob, r.Case) }) {
			t.Errorf("nothing failed of %s, which notices this fault too", glob)
		}
	}
}

// expectNothingElse checks that no case failed that has nothing to do with the
// fault.
func expectNothingElse(t *testing.T, named catch, failures []reports.Result) {
	t.Helper()
	id, transport := named.rule()
	for _, r := range failures {
		related := casestest.Matches(named.also+" "+id, r.Case)
		if !related || transport != "" && transport != r.Transport {
			t.Errorf("this fault is none of its business: %s", suite.Explain(r))
		}
	}
}

func TestMutantsAreDocumented(t *testing.T) {
	casestest.CheckDocument(t, "servercases", "mutants.md", mutantsDocument())
}

func mutantsDocument() []byte {
	var b bytes.Buffer
	b.WriteString(mutantsPreface)
	for _, fault := range faults.All() {
		named := catches[fault.Name]
		also := ""
		for _, glob := range strings.Fields(named.also) {
			also += "`" + glob + "` "
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | `%s` | %s |\n",
			fault.Name, fault.Does, named.on, strings.Replace(named.by, "[", " [", 1), strings.TrimSpace(also))
	}
	b.WriteString(plantedPreface)
	for _, fault := range faults.Planted() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", fault.Name, fault.Does)
	}
	b.WriteString(underLoadPreface)
	for _, fault := range faults.UnderLoad() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", fault.Name, fault.Does)
	}
	return b.Bytes()
}

const underLoadPreface = `
## Found under load only

The whole catalogue passes against these faults while nothing else happens on the server.
` + "`imcheck conform --under-load`" + ` finds them.

| fault | what the server does instead |
|---|---|
`

const plantedPreface = `
## Found by exploring only

No case was written for these faults, and the whole catalogue passes against each of them.
` + "`imcheck explore`" + ` finds them, and shortens each to at most eight steps.

| fault | what the server does instead |
|---|---|
`

const mutantsPreface = `# Mutants

Each fault of the reference server (` + "`imcheck serve --fault NAME`" + `) is one defect. The
whole catalogue is run against every one of them in virtual time: the case that
names the broken rule has to fail, cases that use the rule on their way may fail
too, and nothing else does. The healthy server fails none.

A transport in brackets means that the fault shows on that one alone. Where the
table names a flag, the fault shows on a server that was started with it. A case
with a question mark may notice: a session that it leaves silent expires before its
end, or after.

The faults of framing work on the bytes of a connection, between the socket and
` + "`harness/transport`" + `, which itself has no switch to break it.

Every case fails against at least one of these faults, not counting those that
make everything fail and name another case.

This file is written by ` + "`go test ./conformance/servercases -run Documented -update`" + `.

| fault | what the server does instead | server | caught by | noticed by, too |
|---|---|---|---|---|
`
