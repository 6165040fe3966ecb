package clientcases_test

import (
	"bytes"
	"flag"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"imcheck/conformance/clientcases"
	"imcheck/conformance/internal/casestest"
	"imcheck/conformance/suite"
	"imcheck/harness/drive"
	"imcheck/reports"
)

var thorough = flag.Bool("thorough", false, "try every fault on all cases, not only on those of one area")

// catch says which cases notice a fault.
type catch struct {
	by   string // the case that names the rule
	also string // globs of others that notice it as well, separated by blanks
}

// everything is the glob of a fault by which hardly any case can be run.
const everything = "*/*"

// catches has the cases that notice each fault.
var catches = map[string]catch{
	"login-extra-missing":             {"login/extra", ""},
	"login-token-missing":             {"login/well-formed", "login/extra"},
	"login-time-invented":             {"login/well-formed", "login/extra heartbeat/login-again heartbeat/gone-and-back network/rebinding* network/gone"},
	"login-time-forgotten":            {"heartbeat/login-again", "heartbeat/gone-and-back network/rebinding* network/gone"},
	"login-to-nobody":                 {"login/well-formed", "login/extra"},
	"login-storm":                     {"login/refused-no-login", "login/refused*"},
	"response-ends-session":           {"login/response-twice", "login/accepted-after-refused kick/login-when-told logout/queue message/wrong-types qos/*-login qos/forgotten* network/gone"},
	"refusal-unreported":              {"login/refused", "login/*refused*"},
	"refusal-taken-for-success":       {"login/refused", "login/*refused*"},
	"refusal-acknowledged":            {"login/refused-no-ack", ""},
	"login-after-refusal-impossible":  {"login/accepted-after-refused", ""},
	"login-unreported":                {"login/reported", everything},
	"login-reported-twice":            {"login/reported", everything},
	"heartbeat-fast":                  {"heartbeat/interval", "heartbeat/* login/response-twice"},
	"heartbeat-slow":                  {"heartbeat/first", everything},
	"heartbeat-missing":               {"heartbeat/first", everything},
	"heartbeat-missing-after-relogin": {"heartbeat/again-after-login", "heartbeat/not-logged-in* heartbeat/stream-* kick/login-when-told* logout/queue heartbeat/gone-and-back heartbeat/server-restarts qos/lost-across-login network/rebinding* network/gone network/stops-reading"},
	"heartbeat-without-content":       {"heartbeat/form", ""},
	"heartbeat-put-off":               {"heartbeat/while-sending", everything},
	"give-up-early":                   {"heartbeat/answered-late", everything},
	"give-up-late":                    {"heartbeat/give-up", "heartbeat/*again* heartbeat/gone-and-back network/gone network/stops-reading"},
	"give-up-never":                   {"heartbeat/give-up", "heartbeat/give-up-closes heartbeat/*again* heartbeat/gone-and-back network/gone network/stops-reading"},
	"link-close-unreported":           {"heartbeat/give-up", "heartbeat/* network/gone network/stops-reading"},
	"link-close-reported-twice":       {"heartbeat/give-up", "heartbeat/*"},
	"login-slow":                      {"heartbeat/login-again-interval", "heartbeat/not-logged-in* heartbeat/gone-and-back heartbeat/server-restarts network/rebinding*"},
	"login-hasty":                     {"heartbeat/login-again-interval", "heartbeat/not-logged-in* heartbeat/gone-and-back heartbeat/server-restarts"},
	"not-logged-in-ignored":           {"heartbeat/not-logged-in", "network/rebinding*"},
	"ack-missing":                     {"qos/ack-to-server", "qos/ack-* qos/many qos/duplicate* qos/forgotten* qos/memory network/gone network/rebinding"},
	"ack-twice":                       {"qos/ack-to-server", "qos/ack-* qos/many qos/duplicate* qos/forgotten* qos/memory network/gone network/rebinding"},
	"ack-of-wrong-fp":                 {"qos/ack-to-server", "qos/ack-* qos/many qos/duplicate* qos/forgotten* qos/memory network/gone network/rebinding"},
	"ack-without-bridge":              {"qos/ack-bridge", ""},
	"ack-to-server":                   {"qos/ack-to-user", "qos/ack-bridge qos/duplicate* qos/memory network/gone network/rebinding"},
	"ack-without-qos":                 {"qos/no-qos", "qos/no-qos-with-fingerprint qos/ack-twice message/* heartbeat/while-receiving heartbeat/gone-and-back heartbeat/server-restarts network/rebinding* network/answer-lost network/gone network/stops-reading"},
	"duplicate-shown":                 {"qos/duplicate", "qos/duplicate-after-login qos/memory network/gone network/rebinding"},
	"duplicate-unacknowledged":        {"qos/duplicate", "qos/duplicate-after-login qos/forgotten* qos/memory network/gone network/rebinding"},
	"dedup-short":                     {"qos/memory", ""},
	"never-retransmits":               {"qos/retransmission", "qos/ack-after-copy qos/ack-of-another"},
	"retransmits-endlessly":           {"qos/retransmission", "qos/lost-across-login"},
	"retransmits-once":                {"qos/retransmission", ""},
	"retransmits-early":               {"qos/retransmission", "network/slow-server"},
	"retransmits-with-new-fp":         {"qos/retransmission", "qos/ack-after-copy qos/ack-of-another qos/lost-across-login network/rebinding"},
	"fingerprint-repeated":            {"qos/fingerprints-differ", ""},
	"sends-again-without-qos":         {"qos/sent-without-qos", ""},
	"lost-unreported":                 {"qos/retransmission", "qos/lost-across-login network/gone"},
	"received-unreported":             {"qos/ack-stops", "qos/ack-* qos/fingerprints-differ qos/sent-to-* network/rebinding network/slow-server"},
	"ack-ignored":                     {"qos/ack-stops", "qos/ack-* qos/fingerprints-differ qos/sent-to-* network/slow-server"},
	"kick-unreported":                 {"kick/duplicate-login", "kick/*"},
	"kick-code-wrong":                 {"kick/duplicate-login", "kick/*"},
	"login-after-kick":                {"kick/no-login", "kick/*"},
	"login-after-kick-impossible":     {"kick/login-when-told", "kick/login-when-told-datagrams"},
	"queue-kept":                      {"logout/queue", ""},
	"logout-unsent":                   {"logout/sent", "logout/* qos/forgotten*"},
	"logout-twice":                    {"logout/sent", "logout/* qos/forgotten*"},
	"typeu-lost":                      {"qos/sent-to-server", ""},
	"content-trimmed":                 {"message/text-intact", "message/* qos/* heartbeat/gone-and-back heartbeat/server-restarts network/rebinding* network/answer-lost network/gone network/stops-reading"},
	"unknown-type-shown":              {"message/unknown-type", ""},
	"stamped-ignored":                 {"message/stamped", ""},
	"stops-reading":                   {"message/text-intact", "message/many message/not-json message/wrong-types heartbeat/while-receiving qos/many"},
	"sent-forgotten-at-login":         {"network/rebinding", "network/gone qos/lost-across-login"},
	"shown-forgotten-at-login":        {"network/gone", "network/rebinding qos/duplicate-after-login"},
	"login-time-forgotten-after-301":  {"network/rebinding-unnoticed", "network/rebinding"},
	"give-up-at-first-miss":           {"network/answer-lost", "heartbeat/answered-late heartbeat/give-up"},
	"blocks-while-sending":            {"network/stops-reading", ""},
	"ack-late-ignored":                {"network/slow-server", "qos/ack-after-copy qos/ack-of-another"},
	"response-late-ignored":           {"login/response-late", ""},
	"split-frames-dropped":            {"message/tcp-split", ""},
}

// raceSample is the number of faults for each one that is tried with the race detector: the
// code that it looks at is the same for all.
const raceSample = 8

// TestEveryFaultIsCaught checks that each fault is noticed by the case that catches names,
// and by no other than those that it lists: of all with -thorough, without it of the area of
// that case. It also checks that every case fails with some fault.
func TestEveryFaultIsCaught(t *testing.T) {
	var mu sync.Mutex
	canFail, ran := map[string]bool{}, 0
	t.Run("faults", func(t *testing.T) {
		for i, fault := range drive.Faults() {
			if underRace && i%raceSample != 0 {
				continue
			}
			t.Run(fault.Name, func(t *testing.T) {
				t.Parallel()
				named := catches[fault.Name]
				failed := named.try(t, fault)
				mu.Lock()
				defer mu.Unlock()
				ran++
				for _, id := range failed {
					canFail[id] = canFail[id] || named.also != everything || id == named.by
				}
			})
		}
	})
	if ran < len(drive.Faults()) { // -run has picked some
		return
	}
	for _, c := range clientcases.All() {
		if c.Level == reports.Info {
			continue
		}
		if !canFail[c.ID] {
			t.Errorf("%s: no fault makes it fail, except those by which nothing works", c.ID)
		}
	}
}

// try runs the catalogue against a client with the fault, and returns the cases that fail.
func (c catch) try(t *testing.T, fault drive.Fault) (failed []string) {
	area, _, _ := strings.Cut(c.by, "/")
	catalogue := slices.DeleteFunc(clientcases.All(), func(one suite.Case) bool {
		return one.Area() != area && !*thorough
	})
	for _, r := range (world{faults: []drive.Fault{fault}, long: c.by == "qos/memory"}).run(t, catalogue) {
		switch missed := r.Verdict == reports.Fail || r.Verdict == reports.Warn; {
		case missed:
			failed = append(failed, r.Case)
			if r.Case != c.by && !casestest.Matches(c.also, r.Case) {
				t.Errorf("noticed by a case that has nothing to do with it: %s", suite.Explain(r))
			}
		case r.Verdict != reports.Pass:
			t.Errorf("%s", suite.Explain(r))
		case r.Case == c.by:
			t.Errorf("not noticed by %s [%s]", r.Case, r.Transport)
		}
	}
	return failed
}

func TestFaultsAreDocumented(t *testing.T) {
	casestest.CheckDocument(t, "clientcases", "client-mutants.md", mutantsDocument())
}

func mutantsDocument() []byte {
	var b bytes.Buffer
	b.WriteString(mutantsPreface)
	for _, fault := range drive.Faults() {
		named := catches[fault.Name]
		var also []string
		for _, glob := range strings.Fields(named.also) {
			also = append(also, "`"+glob+"`")
		}
		if named.also == everything {
			also = []string{"nearly all"}
		}
		fmt.Fprintf(&b, "| `%s` | %s | `%s` | %s |\n", fault.Name, fault.Does, named.by, strings.Join(also, " "))
	}
	return b.Bytes()
}

const mutantsPreface = `# Mutants of a client

Each fault of the toolkit's own client (` + "`imcheck drive --fault NAME`" + `) is one defect. The cases
against a client are run against every one of them in virtual time: the case that names the
broken rule has to fail, cases that use the rule on their way may fail too, and nothing else
does. The healthy client fails none.

This file is written by ` + "`go test ./conformance/clientcases -run Documented -update`" + `.

| fault | the client | noticed by | and |
|---|---|---|---|
`

func TestCatchesAreOfFaults(t *testing.T) {
	if len(catches) != len(drive.Faults()) {
		t.Errorf("%d faults have cases that notice them, want %d", len(catches), len(drive.Faults()))
	}
	for _, fault := range drive.Faults() {
		if _, known := catches[fault.Name]; !known {
			t.Errorf("no case is named for %s", fault.Name)
		}
	}
}
