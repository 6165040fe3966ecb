package diff

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

// verdicts returns the results of one case, a round each.
func verdicts(all ...reports.Verdict) (results []reports.Result) {
	for _, v := range all {
		results = append(results, reports.Result{Case: "login/a", Transport: "tcp", Verdict: v, Reason: "why " + string(v)})
	}
	return results
}

func compareRuns(t *testing.T, before, after *reports.Conformance) *Diff {
	t.Helper()
	d := &Diff{Bounds: Bounds{MaxDriftMs: 50, MaxP99Percent: 10}}
	if err := d.compareConformance(before, after); err != nil {
		t.Fatal(err)
	}
	d.judge()
	return d
}

func TestCaseChanges(t *testing.T) {
	tests := []struct {
		name       string
		old, new   []reports.Verdict
		change     Change // "" when nothing changed
		regression bool
	}{
		{"as before", []reports.Verdict{reports.Pass}, []reports.Verdict{reports.Pass}, "", false},
		{"still failing", []reports.Verdict{reports.Fail}, []reports.Verdict{reports.Fail}, "", false},
		{"pass to fail", []reports.Verdict{reports.Pass}, []reports.Verdict{reports.Fail}, ChangeRegressed, true},
		{"pass to error", []reports.Verdict{reports.Pass}, []reports.Verdict{reports.Error}, ChangeRegressed, true},
		{"warn to fail", []reports.Verdict{reports.Warn}, []reports.Verdict{reports.Fail}, ChangeRegressed, true},
		{"pass to warn", []reports.Verdict{reports.Pass}, []reports.Verdict{reports.Warn}, ChangeOther, false},
		{"pass to inconclusive", []reports.Verdict{reports.Pass}, []reports.Verdict{reports.Inconclusive}, ChangeOther, false},
		{"pass to not supported", []reports.Verdict{reports.Pass}, []reports.Verdict{reports.NotSupported}, ChangeOther, false},
		{"pass to a known failure", []reports.Verdict{reports.Pass}, []reports.Verdict{reports.ExpectedFailure}, ChangeOther, false},
		{"inconclusive to fail", []reports.Verdict{reports.Inconclusive}, []reports.Verdict{reports.Fail}, ChangeOther, false},
		{"error to fail", []reports.Verdict{reports.Error}, []reports.Verdict{reports.Fail}, ChangeOther, false},
		{"fail to pass", []reports.Verdict{reports.Fail}, []reports.Verdict{reports.Pass}, ChangeFixed, false},
		{"error to pass", []reports.Verdict{reports.Error}, []reports.Verdict{reports.Pass}, ChangeFixed, false},
		{"warn to pass", []reports.Verdict{reports.Warn}, []reports.Verdict{reports.Pass}, ChangeFixed, false},
		{"a known failure that passes", []reports.Verdict{reports.ExpectedFailure}, []reports.Verdict{reports.UnexpectedPass}, ChangeFixed, false},
		{"an unexpected pass is a pass", []reports.Verdict{reports.Pass}, []reports.Verdict{reports.UnexpectedPass}, "", false},
		{"an unexpected pass that fails", []reports.Verdict{reports.UnexpectedPass}, []reports.Verdict{reports.Fail}, ChangeRegressed, true},
		{"one round fails", []reports.Verdict{reports.Pass, reports.Pass, reports.Pass}, []reports.Verdict{reports.Pass, reports.Fail, reports.Pass}, ChangeRegressed, true},
		{"it failed now and then", []reports.Verdict{reports.Pass, reports.Fail}, []reports.Verdict{reports.Fail, reports.Fail}, "", false},
		{"fewer rounds", []reports.Verdict{reports.Pass, reports.Pass}, []reports.Verdict{reports.Pass}, "", false},
		{"new and passing", nil, []reports.Verdict{reports.Pass}, ChangeAppeared, false},
		{"new and failing", nil, []reports.Verdict{reports.Fail}, ChangeAppeared, false},
		{"passed and gone", []reports.Verdict{reports.Pass}, nil, ChangeVanished, true},
		{"failed and gone", []reports.Verdict{reports.Fail}, nil, ChangeVanished, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := compareRuns(t, reporttest.Conformance(append(verdicts(test.old...), reporttest.Stays)...), reporttest.Conformance(append(verdicts(test.new...), reporttest.Stays)...))
			var got CaseChange
			if len(d.Conformance.Changes) > 0 {
				got = d.Conformance.Changes[0]
			}
			if got.Change != test.change || got.Regression != test.regression || len(d.Conformance.Changes) > 1 {
				t.Errorf("got %+v", d.Conformance.Changes)
			}
			if want := map[bool]int{true: 1}[test.regression]; d.ExitCode != want {
				t.Errorf("exit code %d (%s), want %d", d.ExitCode, d.Reason, want)
			}
			if test.change != "" && (got.Case != "login/a" || got.Transport != "tcp" || got.SenseMode != "3S") {
				t.Errorf("%+v is not named", got)
			}
		})
	}
}

func TestChangeTellsTheReasonOfTheWorstRound(t *testing.T) {
	d := compareRuns(t, reporttest.Conformance(verdicts(reports.Pass)...), reporttest.Conformance(verdicts(reports.Warn, reports.Fail, reports.Pass)...))
	if got := d.Conformance.Changes[0]; got.New != reports.Fail || got.Reason != "why fail" {
		t.Errorf("got %+v", got)
	}
}

// A case that failed once in five rounds is another matter than one that always fails.
func TestChangeTellsInHowManyRounds(t *testing.T) {
	d := compareRuns(t, reporttest.Conformance(verdicts(reports.Pass, reports.UnexpectedPass, reports.Pass)...), reporttest.Conformance(verdicts(reports.Pass, reports.Fail, reports.Pass, reports.Warn, reports.Pass)...))
	if got := d.Conformance.Changes[0]; got.OldTimes != 3 || got.OldRounds != 3 || got.NewTimes != 1 || got.NewRounds != 5 {
		t.Errorf("got %+v", got)
	}
	row := changeTable(d.Conformance.Changes).Rows[0]
	if old, new := row[3].Text, row[4].Text; old != "passed in 3 of 3 rounds" || new != "failed in 1 of 5 rounds" {
		t.Errorf("shown as %q and %q", old, new)
	}
	d = compareRuns(t, reporttest.Conformance(verdicts(reports.Pass)...), reporttest.Conformance(verdicts(reports.Fail)...))
	row = changeTable(d.Conformance.Changes).Rows[0]
	if old, new := row[3].Text, row[4].Text; old != "pass" || new != "fail" {
		t.Errorf("a case that was run once is shown as %q and %q", old, new)
	}
}

// A case that is gone got lost only when the new run was to have it too.
func TestVanishedOfAnotherSelection(t *testing.T) {
	for _, command := range [][]string{
		{"imcheck", "conform"},
		{"imcheck", "conform", "--filter", "login && tcp"},
		{"imcheck", "conform", "--filter=login", "--skip", "login/a"},
		{"imcheck", "conform", "--filter=login", "--long"},
	} {
		t.Run(strings.Join(command, " "), func(t *testing.T) {
			new := reporttest.Conformance(reporttest.Stays)
			new.Command = command
			d := compareRuns(t, reporttest.Conformance(append(verdicts(reports.Pass), reporttest.Stays)...), new)
			if got := d.Conformance.Changes; len(got) != 1 || got[0].Change != ChangeVanished || got[0].Regression || d.ExitCode != 0 {
				t.Errorf("got %+v, exit code %d", got, d.ExitCode)
			}
			if !strings.Contains(strings.Join(d.Notes, "\n"), "did not select the same cases") {
				t.Errorf("the notes are %q", d.Notes)
			}
		})
	}
}

func TestSameSelection(t *testing.T) {
	old, new := reporttest.Conformance(), reporttest.Conformance()
	new.Command = []string{"imcheck", "conform", "--seed", "5", "--filter=login", "--repeat", "5", "--out", "new"}
	new.Target.Addresses = map[string]string{"tcp": "127.0.0.1:2", "control": "127.0.0.1:3"}
	if !sameSelection(old, new) {
		t.Errorf("%q and %q select the same", Selection(old), Selection(new))
	}
	new.Target.Addresses["udp"] = "127.0.0.1:4"
	if sameSelection(old, new) {
		t.Error("udp as well is not the same")
	}
}

func TestSenseModesAreToldApart(t *testing.T) {
	in := func(mode string, v reports.Verdict) reports.Result {
		return reports.Result{Case: "heartbeat/expiry", Transport: "tcp", SenseMode: mode, Verdict: v}
	}
	old, new := reporttest.Conformance(in("3S", reports.Pass), in("5S", reports.Pass)), reporttest.Conformance(in("3S", reports.Pass), in("5S", reports.Fail))
	old.Target.SenseModes, new.Target.SenseModes = nil, nil
	want := []CaseChange{{Case: "heartbeat/expiry", Transport: "tcp", SenseMode: "5S", Change: ChangeRegressed, Regression: true, Old: reports.Pass, New: reports.Fail}}
	if got := compareRuns(t, old, new).Conformance.Changes; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestIncomparableConformance(t *testing.T) {
	tests := []struct {
		name   string
		change func(*reports.Conformance)
		want   string
	}{
		{"another target", func(c *reports.Conformance) { c.Target.Name = "other" }, `"server" in old and "other" in new`},
		{"another sense mode", func(c *reports.Conformance) { c.Target.SenseModes = map[string]string{"tcp": "5S"} }, "tcp=3S in old and tcp=5S in new"},
		{"other cases", func(c *reports.Conformance) { c.Results[0].Case = "login/b" }, "no case in common"},
		{"nothing run", func(c *reports.Conformance) { c.Results = nil }, "no case in common"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			new := reporttest.Conformance(verdicts(reports.Pass)...)
			test.change(new)
			d := &Diff{Old: Side{Folder: "old"}, New: Side{Folder: "new"}}
			err := d.compareConformance(reporttest.Conformance(verdicts(reports.Pass)...), new)
			if refused, ok := errors.AsType[*Error](err); !ok || !strings.Contains(refused.Reason, test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	t.Run("a target without a name", func(t *testing.T) {
		new := reporttest.Conformance(verdicts(reports.Pass)...)
		new.Target.Name = ""
		compareRuns(t, reporttest.Conformance(verdicts(reports.Pass)...), new)
	})
}

// A path that was impaired in another way explains other verdicts and times.
func TestIncomparablePaths(t *testing.T) {
	run := func(i *reports.Impairment) *reports.Conformance {
		c := reporttest.Conformance(reporttest.Stays)
		c.Impairment = i
		return c
	}
	impaired := run(reporttest.Impaired(7, "udp: drop=4%"))
	for name, test := range map[string]struct {
		new  *reports.Conformance
		want string
	}{
		"not impaired": {run(nil), `impaired by "udp: drop=4%" in  and by nothing in `},
		"otherwise":    {run(reporttest.Impaired(7, "udp: drop=5%")), `and by "udp: drop=5%" in `},
	} {
		_, err := OfConformance(impaired, test.new, DefaultBounds)
		if _, ok := errors.AsType[*Error](err); !ok || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want an Error with %s", name, err, test.want)
		}
	}
	for seed, notes := range map[int64]int{7: 0, 8: 1} {
		if d := compareRuns(t, impaired, run(reporttest.Impaired(seed, "udp: drop=4%"))); len(d.Notes) != notes || d.ExitCode != 0 {
			t.Errorf("seed %d: notes %q, exit code %d", seed, d.Notes, d.ExitCode)
		}
	}
	// A path that was impaired by 0 % is one that was not.
	if d := compareRuns(t, run(nil), run(&reports.Impairment{})); d.ExitCode != 0 {
		t.Errorf("exit code %d", d.ExitCode)
	}
}
