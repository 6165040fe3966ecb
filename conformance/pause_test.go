package conformance

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onsi/gomega"

	"imcheck/harness/target"
	"imcheck/reports"
)

// Whatever overlapped a time during which this process did not run is inconclusive,
// and nothing else is.
func TestPauseIsNobodysFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		from := func(start, end time.Duration, run func(*Scene)) func(gomega.Gomega, *Scene) {
			return func(_ gomega.Gomega, s *Scene) {
				s.started = s.started.Add(start) // as if it had begun then
				s.Wait(end)
				run(s)
			}
		}
		failing := func(*Scene) { fail("this", "that") }
		breaking := func(*Scene) { broken(errors.New("no luck")) }
		passing := func(s *Scene) { s.Found("something") }
		stopped := func(s *Scene) { // from 20 s to 32 s
			s.Wait(2 * time.Second)
			s.run.lag.note(time.Now(), 12*time.Second)
		}
		const second = time.Second
		tests := []struct {
			name  string
			level Level
			run   func(gomega.Gomega, *Scene)
			want  reports.Verdict
		}{
			{"the pause", Must, from(0, 30*second, stopped), reports.Inconclusive},
			{"failed before", Must, from(0, 19*second, failing), reports.Fail},
			{"failed in it", Must, from(0, 33*second, failing), reports.Inconclusive},
			{"a warning in it", Should, from(0, 33*second, failing), reports.Inconclusive},
			{"broken in it", Must, from(0, 33*second, breaking), reports.Inconclusive},
			{"passed in it", Must, from(0, 33*second, passing), reports.Inconclusive},
			{"found in it", Info, from(0, 33*second, passing), reports.Pass},
			{"held up by it", Must, from(32400*time.Millisecond, 33*second, failing), reports.Inconclusive},
			{"failed after it", Must, from(32600*time.Millisecond, 33*second, failing), reports.Fail},
			{"passed before it", Must, from(0, 19*second, passing), reports.Pass},
		}
		var items []Item
		for _, test := range tests {
			item := itemOf(test.name, test.run)
			item.Level = test.level
			items = append(items, item)
		}
		begun := time.Now()
		finished, err := Run(t.Context(), &target.Target{}, items, Options{})
		if err != nil {
			t.Fatal(err)
		}
		want := "this process was stopped for 12s from " + begun.Add(20*second).Format("15:04:05") + " on (by a signal, or with the machine)"
		for i, test := range tests {
			f := finished[i]
			if f.Result.Verdict != test.want {
				t.Errorf("%s: %s, want %s", test.name, f.Result.Verdict, test.want)
			}
			touched := test.want == reports.Inconclusive || test.level == Info
			if touched && (f.Trouble != want || f.Result.Reason != want) || !touched && f.Trouble != "" {
				t.Errorf("%s: trouble %q, reason %q; want %q", test.name, f.Trouble, f.Result.Reason, want)
			}
		}
	})
}

// A pause is known before the monitor has noted it, and a shorter lag is none.
func TestPauseDuring(t *testing.T) {
	start := time.Unix(1000, 0)
	at := func(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }
	l := lagMonitor{period: lagPeriod}
	if _, found := l.pauseDuring(at(0), at(60)); found {
		t.Error("a monitor that has not been woken yet shows a pause")
	}
	l.noteWake(at(5), at(7.9)) // not stopped, just late
	l.noteWake(at(10), at(22))
	l.noteWake(at(30), at(33))
	l.notePause(stoppage{at(40), at(40.01), 8 * time.Hour}) // the machine was suspended
	l.noteWake(at(50), at(50))
	for _, test := range []struct {
		from, to float64
		want     time.Duration
	}{
		{0, 9, 0}, {0, 10, 12 * time.Second}, {21, 60, 8 * time.Hour}, {22.4, 29, 12 * time.Second}, {22.6, 29, 0},
		{23, 35, 3 * time.Second}, {34, 39, 0}, {34, 40.005, 8 * time.Hour},
		{45, 53, 0}, {45, 53.01, 3 * time.Second},
	} {
		if got, found := l.pauseDuring(at(test.from), at(test.to)); got.length != test.want || found != (test.want > 0) {
			t.Errorf("from %v s to %v s: %v, %v; want %v", test.from, test.to, got.length, found, test.want)
		}
	}
}

// What failed while this process was stopped is tried again; what fails besides is not.
func TestAgainAfterPause(t *testing.T) {
	failure := errors.New("failed")
	for _, test := range []struct {
		name string
		take []time.Duration // each try that fails; those from leastPause on are pauses
		want int             // tries
		err  error
	}{
		{"at once", nil, 1, nil},
		{"failed", []time.Duration{time.Second}, 1, failure},
		{"stopped once", []time.Duration{time.Minute}, 2, nil},
		{"stopped again and again", []time.Duration{time.Minute, time.Minute, time.Minute, time.Minute}, 3, failure},
	} {
		tries := 0
		lag := &lagMonitor{period: lagPeriod}
		err := againAfterPause(t.Context(), lag, func() error {
			lag.note(time.Now(), 0)
			if tries++; tries > len(test.take) {
				return nil
			}
			if took := test.take[tries-1]; took >= leastPause {
				lag.note(time.Now(), took)
			}
			return failure
		})
		if tries != test.want || !errors.Is(err, test.err) {
			t.Errorf("%s: %d tries, %v", test.name, tries, err)
		}
	}
}
