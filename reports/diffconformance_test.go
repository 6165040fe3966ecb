package reports

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

// verdicts are the results of one case, a round each.
func verdicts(all ...Verdict) (results []Result) {
	for _, v := range all {
		results = append(results, Result{Case: "login/a", Transport: "tcp", Verdict: v, Reason: "why " + string(v)})
	}
	return results
}

func compareRuns(t *testing.T, old, new *Conformance) *Diff {
	t.Helper()
	d := &Diff{Bounds: DiffBounds{MaxDriftMs: 50, MaxP99Percent: 10}}
	if err := d.compareConformance(old, new); err != nil {
		t.Fatal(err)
	}
	d.judge()
	return d
}

func TestCaseChanges(t *testing.T) {
	tests := []struct {
		name       string
		old, new   []Verdict
		change     Change // "" when nothing changed
		regression bool
	}{
		{"as before", []Verdict{Pass}, []Verdict{Pass}, "", false},
		{"still failing", []Verdict{Fail}, []Verdict{Fail}, "", false},
		{"pass to fail", []Verdict{Pass}, []Verdict{Fail}, ChangeRegressed, true},
		{"pass to error", []Verdict{Pass}, []Verdict{Error}, ChangeRegressed, true},
		{"warn to fail", []Verdict{Warn}, []Verdict{Fail}, ChangeRegressed, true},
		{"pass to warn", []Verdict{Pass}, []Verdict{Warn}, ChangeOther, false},
		{"pass to inconclusive", []Verdict{Pass}, []Verdict{Inconclusive}, ChangeOther, false},
		{"pass to not supported", []Verdict{Pass}, []Verdict{NotSupported}, ChangeOther, false},
		{"pass to a known failure", []Verdict{Pass}, []Verdict{ExpectedFailure}, ChangeOther, false},
		{"inconclusive to fail", []Verdict{Inconclusive}, []Verdict{Fail}, ChangeOther, false},
		{"error to fail", []Verdict{Error}, []Verdict{Fail}, ChangeOther, false},
		{"fail to pass", []Verdict{Fail}, []Verdict{Pass}, ChangeFixed, false},
		{"error to pass", []Verdict{Error}, []Verdict{Pass}, ChangeFixed, false},
		{"warn to pass", []Verdict{Warn}, []Verdict{Pass}, ChangeFixed, false},
		{"a known failure that passes", []Verdict{ExpectedFailure}, []Verdict{UnexpectedPass}, ChangeFixed, false},
		{"an unexpected pass is a pass", []Verdict{Pass}, []Verdict{UnexpectedPass}, "", false},
		{"an unexpected pass that fails", []Verdict{UnexpectedPass}, []Verdict{Fail}, ChangeRegressed, true},
		{"one round fails", []Verdict{Pass, Pass, Pass}, []Verdict{Pass, Fail, Pass}, ChangeRegressed, true},
		{"it failed now and then", []Verdict{Pass, Fail}, []Verdict{Fail, Fail}, "", false},
		{"fewer rounds", []Verdict{Pass, Pass}, []Verdict{Pass}, "", false},
		{"new and passing", nil, []Verdict{Pass}, ChangeAppeared, false},
		{"new and failing", nil, []Verdict{Fail}, ChangeAppeared, false},
		{"passed and gone", []Verdict{Pass}, nil, ChangeVanished, true},
		{"failed and gone", []Verdict{Fail}, nil, ChangeVanished, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := compareRuns(t, aRun(append(verdicts(test.old...), stays)...), aRun(append(verdicts(test.new...), stays)...))
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
	d := compareRuns(t, aRun(verdicts(Pass)...), aRun(verdicts(Warn, Fail, Pass)...))
	if got := d.Conformance.Changes[0]; got.New != Fail || got.Reason != "why fail" {
		t.Errorf("got %+v", got)
	}
}

// A case that failed once in five rounds is another matter than one that always fails.
func TestChangeTellsInHowManyRounds(t *testing.T) {
	d := compareRuns(t, aRun(verdicts(Pass, UnexpectedPass, Pass)...), aRun(verdicts(Pass, Fail, Pass, Warn, Pass)...))
	if got := d.Conformance.Changes[0]; got.OldTimes != 3 || got.OldRounds != 3 || got.NewTimes != 1 || got.NewRounds != 5 {
		t.Errorf("got %+v", got)
	}
	row := changeTable(d.Conformance.Changes).rows[0]
	if old, new := row[3].text, row[4].text; old != "passed in 3 of 3 rounds" || new != "failed in 1 of 5 rounds" {
		t.Errorf("shown as %q and %q", old, new)
	}
	d = compareRuns(t, aRun(verdicts(Pass)...), aRun(verdicts(Fail)...))
	row = changeTable(d.Conformance.Changes).rows[0]
	if old, new := row[3].text, row[4].text; old != "pass" || new != "fail" {
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
			new := aRun(stays)
			new.Command = command
			d := compareRuns(t, aRun(append(verdicts(Pass), stays)...), new)
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
	old, new := aRun(), aRun()
	new.Command = []string{"imcheck", "conform", "--seed", "5", "--filter=login", "--repeat", "5", "--out", "new"}
	new.Target.Addresses = map[string]string{"tcp": "127.0.0.1:2", "control": "127.0.0.1:3"}
	if !sameSelection(old, new) {
		t.Errorf("%q and %q select the same", selectionOf(old), selectionOf(new))
	}
	new.Target.Addresses["udp"] = "127.0.0.1:4"
	if sameSelection(old, new) {
		t.Error("udp as well is not the same")
	}
}

func TestSenseModesAreToldApart(t *testing.T) {
	in := func(mode string, v Verdict) Result {
		return Result{Case: "heartbeat/expiry", Transport: "tcp", SenseMode: mode, Verdict: v}
	}
	old, new := aRun(in("3S", Pass), in("5S", Pass)), aRun(in("3S", Pass), in("5S", Fail))
	old.Target.SenseModes, new.Target.SenseModes = nil, nil
	want := []CaseChange{{Case: "heartbeat/expiry", Transport: "tcp", SenseMode: "5S", Change: ChangeRegressed, Regression: true, Old: Pass, New: Fail}}
	if got := compareRuns(t, old, new).Conformance.Changes; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestIncomparableConformance(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Conformance)
		want   string
	}{
		{"another target", func(c *Conformance) { c.Target.Name = "other" }, `"server" in old and "other" in new`},
		{"another sense mode", func(c *Conformance) { c.Target.SenseModes = map[string]string{"tcp": "5S"} }, "tcp=3S in old and tcp=5S in new"},
		{"other cases", func(c *Conformance) { c.Results[0].Case = "login/b" }, "no case in common"},
		{"nothing run", func(c *Conformance) { c.Results = nil }, "no case in common"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			new := aRun(verdicts(Pass)...)
			test.change(new)
			d := &Diff{Old: DiffSide{Folder: "old"}, New: DiffSide{Folder: "new"}}
			err := d.compareConformance(aRun(verdicts(Pass)...), new)
			if refused, ok := errors.AsType[*CompareError](err); !ok || !strings.Contains(refused.Reason, test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	t.Run("a target without a name", func(t *testing.T) {
		new := aRun(verdicts(Pass)...)
		new.Target.Name = ""
		compareRuns(t, aRun(verdicts(Pass)...), new)
	})
}
