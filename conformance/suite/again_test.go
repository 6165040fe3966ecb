package suite

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"imcheck/reports"
)

// usedWorld gives scenes that have something of earlier attempts, unless they are to be
// fresh.
type usedWorld struct{ testWorld }

func (usedWorld) NewScene(a *Attempt) Scene {
	if !a.Fresh {
		a.Carried = "a client that was used"
	}
	return &testScene{a}
}

func TestPlayedFresh(t *testing.T) {
	unless := func(fresh bool, end func()) func(*testScene) {
		return func(s *testScene) {
			if s.Fresh == fresh {
				end()
			}
		}
	}
	fails, breaks := func() { Fail("a", "b") }, func() { Broken(errors.New("gone")) }
	tests := []struct {
		name    string
		run     func(*testScene)
		level   reports.Level
		verdict reports.Verdict
		reason  string
	}{
		{"passes", func(*testScene) {}, reports.Must, reports.Pass, ""},
		{"fails when used", unless(false, fails), reports.Must, reports.Pass, "in a client that was used: b instead of a; in a fresh one all went well"},
		{"breaks when used", unless(false, breaks), reports.Must, reports.Pass, "in a client that was used: gone; in a fresh one all went well"},
		{"not supported when used", unless(false, func() { NotSupported("no") }), reports.Must, reports.Pass, "in a client that was used: no; in a fresh one all went well"},
		{"fails when fresh", unless(true, fails), reports.Must, reports.Pass, ""},
		{"fails", func(*testScene) { fails() }, reports.Must, reports.Fail, "b"},
		{"fails for one datagram", func(*testScene) { FailOn(true, "a", "b") }, reports.Must, reports.Fail, "b"},
		{"breaks and then fails", func(s *testScene) {
			if s.Fresh {
				fails()
			}
			breaks()
		}, reports.Should, reports.Warn, "b"},
		{"finds", func(s *testScene) {
			if !s.Fresh {
				fails()
			}
			s.Found("x")
		}, reports.Info, reports.Pass, "x; in a client that was used: b instead of a; in a fresh one all went well"},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			item := itemOf("fresh", test.run)
			item.Level = test.level
			finished, err := Run(t.Context(), usedWorld{}, []Item{item}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if r := finished[0].Result; r.Verdict != test.verdict || r.Reason != test.reason {
				t.Errorf("%s: got %s because of %q", test.name, r.Verdict, r.Reason)
			}
			said := false
			for _, line := range finished[0].Trace {
				said = said || strings.Contains(line.Text, "in a fresh one")
			}
			if again := strings.HasPrefix(test.name, "fails when fresh") || test.name == "passes"; said == again {
				t.Errorf("%s: the transcript says that it was run again: %v", test.name, said)
			}
		})
	}
}
