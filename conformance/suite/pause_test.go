package suite

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/reports"
)

// Whatever overlapped a time during which this process did not run is inconclusive,
// and nothing else is.
func TestPauseIsNotAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := func(start, end time.Duration, run func(*testScene)) func(*testScene) {
			return func(s *testScene) {
				s.Started = s.Started.Add(start) // as if it had begun then
				s.Wait(end)
				run(s)
			}
		}
		failing := func(*testScene) { Fail("this", "that") }
		breaking := func(*testScene) { Broken(errors.New("no luck")) }
		passing := func(s *testScene) { s.Found("something") }
		stopped := func(s *testScene) { // from 20 s to 32 s
			s.Wait(2 * time.Second)
			s.Lag().Note(time.Now(), 12*time.Second)
		}
		const second = time.Second
		tests := []struct {
			name  string
			level reports.Level
			run   func(*testScene)
			want  reports.Verdict
		}{
			{"the pause", reports.Must, from(0, 30*second, stopped), reports.Inconclusive},
			{"failed before", reports.Must, from(0, 19*second, failing), reports.Fail},
			{"failed in it", reports.Must, from(0, 33*second, failing), reports.Inconclusive},
			{"a warning in it", reports.Should, from(0, 33*second, failing), reports.Inconclusive},
			{"broken in it", reports.Must, from(0, 33*second, breaking), reports.Inconclusive},
			{"passed in it", reports.Must, from(0, 33*second, passing), reports.Inconclusive},
			{"found in it", reports.Info, from(0, 33*second, passing), reports.Pass},
			{"held up by it", reports.Must, from(32400*time.Millisecond, 33*second, failing), reports.Inconclusive},
			{"failed after it", reports.Must, from(32600*time.Millisecond, 33*second, failing), reports.Fail},
			{"passed before it", reports.Must, from(0, 19*second, passing), reports.Pass},
		}
		var items []Item
		for _, test := range tests {
			item := itemOf(test.name, test.run)
			item.Level = test.level
			items = append(items, item)
		}
		begun := time.Now()
		finished, err := Run(t.Context(), testWorld{}, items, Options{})
		if err != nil {
			t.Fatal(err)
		}
		want := "this process was stopped for 12s from " + begun.Add(20*second).Format("15:04:05") + " on (by a signal, or with the machine)"
		for i, test := range tests {
			f := finished[i]
			if f.Result.Verdict != test.want {
				t.Errorf("%s: %s, want %s", test.name, f.Result.Verdict, test.want)
			}
			touched := test.want == reports.Inconclusive || test.level == reports.Info
			if touched && (f.Trouble != want || f.Result.Reason != want) || !touched && f.Trouble != "" {
				t.Errorf("%s: trouble %q, reason %q; want %q", test.name, f.Trouble, f.Result.Reason, want)
			}
		}
	})
}
