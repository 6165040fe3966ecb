package cases_test

import (
	"slices"
	"strings"
	"testing"

	"imcheck/conformance"
	"imcheck/conformance/cases"
	"imcheck/reference-server/server"
	"imcheck/reports"
)

// caughtBy names for each fault of the reference server a case that has to
// notice it, with its transport where the fault is on one only.
var caughtBy = map[string]string{
	"expiry-early-udp":              "heartbeat/expiry [udp]",
	"expiry-late-udp":               "heartbeat/expiry [udp]",
	"expiry-early-tcp":              "heartbeat/expiry [tcp]",
	"expiry-late-tcp":               "heartbeat/expiry [tcp]",
	"expiry-early-ws":               "heartbeat/expiry [ws]",
	"expiry-late-ws":                "heartbeat/expiry [ws]",
	"retransmission-missing":        "qos/c2c-retransmitted-once",
	"retransmission-twice":          "qos/c2c-retransmitted-once",
	"retransmission-late":           "qos/c2c-retransmitted-once",
	"retransmission-early":          "qos/c2c-retransmitted-once",
	"retransmission-altered":        "qos/c2c-retransmitted-once",
	"dedup-too-short":               "qos/c2s-seen-once",
	"verdict-ignored":               "login/refused",
	"verdict-altered":               "login/refused",
	"veto-ignored":                  "qos/c2c-vetoed",
	"offline-inverted":              "qos/offline-stored",
	"login-response-missing":        "login/accepted",
	"login-response-misaddressed":   "login/accepted",
	"first-login-time-altered":      "login/first-login-time-unchanged",
	"first-login-time-constant":     "login/first-login-time-zero",
	"heartbeat-answer-missing":      "heartbeat/answered",
	"heartbeat-answer-misaddressed": "heartbeat/answered",
	"not-logged-in-silent":          "session/keep-alive-before-login",
	"not-logged-in-other-code":      "session/keep-alive-before-login",
	"not-logged-in-without-message": "session/data-before-login",
	"not-logged-in-stays-open":      "session/keep-alive-before-login",
	"kick-silent":                   "kick/first-login",
	"kick-code-altered":             "kick/first-login",
	"kick-reason-lost":              "kick/administrator",
	"kicked-stays-open":             "kick/first-login",
	"echo-altered":                  "session/echo-after-login",
	"stamped-unasked":               "message/field-order",
	"c2s-ack-missing":               "qos/c2s-acknowledged",
	"c2s-ack-once":                  "qos/c2s-duplicate-acknowledged-again",
	"c2s-ack-wrong-fingerprint":     "qos/c2s-acknowledged",
	"c2c-ack-missing":               "qos/c2c-passed-on-unchanged",
	"c2c-ack-once":                  "qos/c2c-duplicate-passed-on-again",
	"c2c-ack-from-server":           "qos/c2c-passed-on-unchanged",
	"c2c-ack-relayed":               "qos/c2c-ack-not-passed-on",
	"c2c-dropped":                   "qos/c2c-passed-on-unchanged",
	"c2c-doubled":                   "qos/c2c-without-qos",
	"c2c-altered":                   "qos/c2c-passed-on-unchanged",
	"c2c-user-type-altered":         "qos/c2c-passed-on-unchanged",
	"s2c-dropped":                   "qos/s2c-delivered",
	"s2c-doubled":                   "qos/s2c-without-qos",
	"s2c-altered":                   "qos/s2c-delivered",
	"s2c-user-type-altered":         "qos/s2c-delivered",
	"s2c-fingerprint-altered":       "qos/s2c-delivered",
	"close-missing":                 "session/logout [tcp]",
	"refused-login-stays-open":      "login/refused [tcp]",
	"verify-not-reported":           "session/login-reported",
	"login-not-reported":            "session/login-reported",
	"logout-not-reported":           "session/logout-reported",
	"c2s-not-reported":              "qos/c2s-seen-once",
	"c2c-not-reported":              "qos/c2c-reported",
	"offline-not-reported":          "qos/offline-reported",
	"lost-not-reported":             "qos/s2c-retransmitted-once-then-lost",
	"received-not-reported":         "qos/s2c-ack-reported",
	"verify-reported-twice":         "session/login-reported",
	"login-reported-twice":          "session/login-reported",
	"logout-reported-twice":         "session/logout-reported",
	"c2s-reported-twice":            "qos/c2s-seen-once",
	"c2c-reported-twice":            "qos/c2c-reported",
	"logout-code-lost":              "kick/administrator-reported",
}

func TestEveryFaultIsCaught(t *testing.T) {
	var names []string
	for _, fault := range server.Faults() {
		names = append(names, fault.Name)
		t.Run(fault.Name, func(t *testing.T) {
			t.Parallel()
			by := caughtBy[fault.Name]
			catalogue := cases.All()
			if name, _, _ := strings.Cut(by, "/"); underRace {
				catalogue = area(name) // what catches the fault is the same, and the rest takes minutes
			}
			expectCaught(t, world{modes: all3S, faults: []server.Fault{fault}}.run(t, catalogue), by)
		})
	}
	for name := range caughtBy {
		if !slices.Contains(names, name) {
			t.Errorf("the server has no fault %s any more", name)
		}
	}
}

// expectCaught holds that a MUST case failed, the named one among them, and
// that each failure says what it is about.
func expectCaught(t *testing.T, results []reports.Result, by string) {
	t.Helper()
	caught, failed := false, 0
	for _, r := range results {
		switch r.Verdict {
		case reports.Pass, reports.NotSupported:
			continue
		case reports.Fail:
		default:
			t.Errorf("the server is at fault, not the harness: %s", conformance.Explain(r))
		}
		if r.Level == string(conformance.Must) {
			failed++
		}
		caught = caught || by == r.Case || by == r.Case+" ["+r.Transport+"]"
		if r.Expected == "" || r.Actual == "" || strings.ContainsAny(r.Expected+r.Actual, "\n") {
			t.Errorf("a failure has to say what was expected and what came, each on one line: %s", conformance.Explain(r))
		}
	}
	if failed == 0 {
		t.Error("no MUST case failed")
	}
	if !caught {
		t.Errorf("%q did not fail, %d others did", by, failed)
	}
}
