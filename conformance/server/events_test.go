package server

import (
	"strings"
	"testing"
	"time"

	"imcheck/conformance/suite"
	"imcheck/harness/target"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// The events of the application are counted until the end of the case, and a stream
// of events that ends is not a fault of the target.
func TestNotifiedAsOftenAsRequired(t *testing.T) {
	const ms = time.Millisecond
	ofUser := func(e target.Event) bool { return strings.HasPrefix(e.User, "u-") }
	told := func(s *Scene) { s.NotifiedOnce(controlapi.EventLogin, ofUser) }
	expected := func(s *Scene) { s.NotifiedOnce(controlapi.EventLogin, ofUser).Expect() }
	twice := func(s *Scene) {
		w := s.Notified(controlapi.EventLogin, ofUser)
		w.Expect()
		w.Expect()
	}
	never := func(s *Scene) { s.NeverNotified(controlapi.EventLogin, ofUser) }
	notOfAnother := func(s *Scene) { s.NeverNotified(controlapi.EventLogin, OfUser(s.User("v"))) }
	for _, test := range []struct {
		name   string
		events fakeEvents
		run    func(*Scene)
		want   reports.Verdict
		actual string
	}{
		{"once", fakeEvents{at: []time.Duration{0}}, told, reports.Pass, ""},
		{"once, late", fakeEvents{at: []time.Duration{1999 * ms}}, told, reports.Pass, ""},
		{"not in time", fakeEvents{at: []time.Duration{2001 * ms}}, told, reports.Fail, "the application is not told of: login"},
		{"twice", fakeEvents{at: []time.Duration{0, 1999 * ms}}, told, reports.Fail, "the application is told 2 times of: login"},
		{"waited for", fakeEvents{at: []time.Duration{4999 * ms}}, expected, reports.Pass, ""},
		{"waited for in vain", fakeEvents{}, expected, reports.Fail, "nothing within 5s"},
		{"waited for, and told twice", fakeEvents{at: []time.Duration{0, 1000 * ms}}, expected, reports.Fail, "the application is told 2 times of: login"},
		{"two are needed", fakeEvents{at: []time.Duration{0, 1000 * ms}}, twice, reports.Pass, ""},
		{"one of two", fakeEvents{at: []time.Duration{0}}, twice, reports.Fail, "the application is told once of: login"},
		{"three of two", fakeEvents{at: []time.Duration{0, 0, 0}}, twice, reports.Fail, "the application is told 3 times of: login"},
		{"never", fakeEvents{}, never, reports.Pass, ""},
		{"what it must not be told", fakeEvents{at: []time.Duration{1999 * ms}}, never, reports.Fail, "the application is told once of: login"},
		{"of somebody else", fakeEvents{at: []time.Duration{0}}, notOfAnother, reports.Pass, ""},
		{"the stream ended before", fakeEvents{ends: 1000 * ms}, told, reports.Error, ""},
		{"the stream ended while it was waited for", fakeEvents{ends: 1000 * ms}, expected, reports.Error, ""},
		{"the stream ended after it", fakeEvents{at: []time.Duration{0}, ends: 1000 * ms}, told, reports.Error, ""},
		{"the stream ended, and nothing was reported", fakeEvents{ends: 1000 * ms}, never, reports.Error, ""},
		{"told twice before the stream ended", fakeEvents{at: []time.Duration{0, 0}, ends: 1000 * ms}, told, reports.Fail, "the application is told 2 times of: login"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := fakeTest{kind: wire.TCP, events: &test.events}.run(t, test.run)[0]
			if r.Verdict != test.want || r.Actual != test.actual {
				t.Errorf("want %s, %q; got %s", test.want, test.actual, suite.Explain(r))
			}
		})
	}
}
