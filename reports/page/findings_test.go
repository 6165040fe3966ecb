package page

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"imcheck/reports"
)

// One fault shows in many cases; they are one finding, and the worst comes first.
func TestFindingGroups(t *testing.T) {
	late := func(name string, ms float64) reports.Result {
		return reports.Result{Verdict: reports.Fail, Expected: name + ": after 7s", Actual: "after 8s", Measurements: []reports.Measurement{{Name: name, Value: 7000 + ms, Lower: 7000, Upper: 7000, Tolerance: 100}}}
	}
	silent := reports.Result{Verdict: reports.Fail, Expected: "data", Actual: "nothing within 3s"}
	silentAgain := reports.Result{Verdict: reports.Fail, Expected: "data", Actual: "nothing within 3.001s"}
	of := func(r reports.Result, id, transport string) resultView {
		r.Case, r.Transport = id, transport
		return resultView{Result: r}
	}
	groups := findingGroups([]resultView{
		of(reports.Result{Verdict: reports.Warn, Reason: "a warning"}, "a/first", "udp"),
		of(reports.Result{Verdict: reports.Pass}, "a/good", "udp"),
		of(reports.Result{Verdict: reports.ExpectedFailure, Reason: "known"}, "a/known", "udp"),
		of(late("expiry after an echo", 1000), "b/echo", "tcp"),
		of(late("expiry", 1001), "b/plain", "ws"),
		of(late("expiry", 1000), "b/plain", "tcp"),
		of(late("expiry", -1000), "b/plain", "udp"),
		of(silent, "c/one", "udp"), of(silentAgain, "c/two", "tcp"), of(silent, "c/three", "ws"), of(silentAgain, "c/three", "udp"),
	})
	var got []string
	for _, g := range groups {
		text := g.Title + ":"
		for _, m := range g.Members {
			text += " " + m.Case + " [" + m.Where + "]"
			if m.Title != "" {
				text += " (" + m.Title + ")"
			}
		}
		got = append(got, text)
	}
	want := []string{
		"Expected: data; got: nothing within 3s: c/one [udp] c/three [udp, ws] c/two [tcp]",
		"Expiry: 1.000 s late: b/plain [tcp, ws] b/echo [tcp] (Expiry after an echo: 1.000 s late)",
		"Expiry: 1.000 s early: b/plain [udp]",
		"A warning: a/first [udp]",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// No case of a finding is lost between those that are seen and those that are
// not, and no list of one has to be opened.
func TestFindingShowsAllItsCases(t *testing.T) {
	for n := 1; n <= shownMembers+3; n++ {
		var results []resultView
		for i := range n {
			results = append(results, resultView{Result: reports.Result{Case: fmt.Sprint("a/", i), Transport: "udp", Verdict: reports.Fail, Expected: "x", Actual: "y"}})
		}
		g := findingGroups(results)[0]
		if got := 1 + len(g.Others()) + len(g.More()); got != n || len(g.More()) == 1 {
			t.Errorf("of %d cases %d are seen and %d are not", n, 1+len(g.Others()), len(g.More()))
		}
	}
}

func TestWhereWords(t *testing.T) {
	of := func(transport string, round int, mode string) resultView {
		return resultView{Result: reports.Result{Transport: transport, Round: round, SenseMode: mode}}
	}
	for want, results := range map[string][]resultView{
		"udp, ws":                      {of("ws", 0, ""), of("udp", 0, "")},
		"udp rounds 1, 3; tcp round 2": {of("udp", 1, ""), of("udp", 3, ""), of("tcp", 2, "")},
		"udp in 3S; tcp in 3S, 5S":     {of("udp", 0, "3S"), of("tcp", 0, "3S"), of("tcp", 0, "5S")},
		"tcp":                          {of("tcp", 0, "")},
	} {
		if got := whereWords(results); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestSlug(t *testing.T) {
	for text, want := range map[string]string{"qos/c2c-1.x": "qos-c2c-1.x", "expected failure": "expected-failure", `"><script>`: "---script-", "": ""} {
		if got := slug(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
