package content

import (
	"slices"
	"strings"
	"testing"

	"imcheck/reports"
)

func TestFindingsOrder(t *testing.T) {
	var results []reports.Result
	for _, v := range reports.Verdicts {
		results = append(results, reports.Result{Case: "a/z", Transport: "ws", Verdict: v}, reports.Result{Case: "a/z", Transport: "udp", Verdict: v, Reason: "other"}, reports.Result{Case: "a/a", Transport: "tls", Verdict: v, Reason: "third"})
	}
	var got []string
	for _, f := range Findings(results) {
		got = append(got, string(f.Verdict)+" "+f.Case+" "+f.Transport)
	}
	var want []string
	for _, v := range []string{"fail", "unexpected pass", "error", "inconclusive", "warn"} {
		want = append(want, v+" a/a tls", v+" a/z udp", v+" a/z ws")
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// Errors with one reason are one finding; failures never are.
func TestFindingsJoinErrors(t *testing.T) {
	results := []reports.Result{
		{Case: "a/a", Transport: "udp", Verdict: reports.Error, Reason: "refused"},
		{Case: "a/b", Transport: "tcp", Verdict: reports.Error, Reason: "refused"},
		{Case: "a/b", Transport: "udp", Verdict: reports.Error, Reason: "refused"},
		{Case: "a/c", Transport: "udp", Verdict: reports.Error, Reason: "timed out"},
		{Case: "a/d", Transport: "udp", Verdict: reports.Fail, Reason: "refused"},
		{Case: "a/e", Transport: "udp", Verdict: reports.Fail, Reason: "refused"},
	}
	found := Findings(results)
	if len(found) != 4 {
		t.Fatalf("%d findings, want 4", len(found))
	}
	if got := strings.Join(CaseList(found[2].Same), "; "); found[2].Case != "a/a" || got != "a/b [udp, tcp]" {
		t.Errorf("%s stands for %q", found[2].Case, got)
	}
}

// A repeated case is one finding for each verdict that it came to.
func TestFindingsJoinRounds(t *testing.T) {
	of := func(round int, v reports.Verdict) reports.Result {
		return reports.Result{Case: "a/a", Transport: "udp", Round: round, Verdict: v}
	}
	found := Findings([]reports.Result{of(1, reports.Fail), of(2, reports.Pass), of(3, reports.Inconclusive), of(4, reports.Fail), of(5, reports.Fail)})
	if len(found) != 2 || found[0].Round != 1 || !slices.Equal(found[0].Again, []int{4, 5}) || found[1].Round != 3 || found[1].Again != nil {
		t.Errorf("got %+v", found)
	}
	for _, test := range []struct {
		rounds []int
		want   string
	}{{nil, ""}, {[]int{4}, "round 4"}, {[]int{4, 5}, "rounds 4, 5"}} {
		if got := RoundList(test.rounds); got != test.want {
			t.Errorf("%v: got %q", test.rounds, got)
		}
	}
}

// A rendering does not sort the results of its model.
func TestFindingsKeepTheModel(t *testing.T) {
	results := []reports.Result{{Case: "b/b", Verdict: reports.Pass}, {Case: "a/a", Verdict: reports.Fail}}
	Findings(results)
	reports.Matrix(results)
	if results[0].Case != "b/b" {
		t.Error("the results were reordered")
	}
}

func TestByReason(t *testing.T) {
	groups := byReason([]reports.Result{
		{Case: "b/x", Transport: "ws", Verdict: reports.NotSupported, Reason: "no kick"},
		{Case: "a/x", Transport: "udp", Verdict: reports.NotSupported, Reason: "no s2c"},
		{Case: "a/x", Transport: "tcp", Verdict: reports.NotSupported, Reason: "no s2c"},
		{Case: "a/y", Transport: "tcp", Verdict: reports.Skipped, Reason: "no s2c"},
	}, reports.NotSupported)
	if len(groups) != 2 || groups[0].Reason != "no s2c" || len(groups[0].Results) != 2 || len(groups[1].Results) != 1 {
		t.Errorf("got %+v", groups)
	}
}

func TestCaseListTakesRoundsTogether(t *testing.T) {
	got := CaseList([]reports.Result{
		{Case: "a/x", Transport: "udp", Round: 1}, {Case: "a/x", Transport: "udp", Round: 2}, {Case: "a/x", Transport: "tcp", Round: 1}, {Case: "a/y", Transport: "tcp", Round: 1},
	})
	if want := []string{"a/x [udp, tcp]", "a/y [tcp]"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMatrixOfRepeatedCases(t *testing.T) {
	areas := reports.Matrix([]reports.Result{
		{Case: "qos/a", Transport: "udp", Verdict: reports.Pass},
		{Case: "login/a", Transport: "udp", Verdict: reports.Pass},
		{Case: "qos/a", Transport: "udp", Verdict: reports.Fail},
		{Case: "qos/a", Transport: "tcp", Verdict: reports.Pass},
	})
	if len(areas) != 2 || areas[0].Name != "login" || len(areas[1].Cases) != 1 {
		t.Fatalf("got %+v", areas)
	}
	repeated := areas[1].Cases[0].On("udp")
	if len(repeated) != 2 || Worst(repeated) != reports.Fail {
		t.Errorf("got %+v", repeated)
	}
}
