package machine

import (
	"errors"
	"testing"
	"time"
)

// A pause is known before the monitor has noted it, and a shorter one does not count.
func TestPauseDuring(t *testing.T) {
	start := time.Unix(1000, 0)
	at := func(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }
	var p Pauses
	if _, found := p.During(at(0), at(60)); found {
		t.Error("a monitor that has not been woken yet shows a pause")
	}
	p.Note(at(5), at(7.9), pausePeriod) // not stopped, just late
	p.Note(at(10), at(22), pausePeriod)
	p.Note(at(30), at(33), pausePeriod)
	p.all = append(p.all, Pause{at(40), at(40.01), 8 * time.Hour}) // the machine was suspended
	p.Note(at(50), at(50), pausePeriod)
	for _, test := range []struct {
		from, to float64
		want     time.Duration
	}{
		{0, 9, 0}, {0, 10, 12 * time.Second}, {21, 60, 8 * time.Hour}, {22.4, 29, 12 * time.Second}, {22.6, 29, 0},
		{23, 35, 3 * time.Second}, {34, 39, 0}, {34, 40.005, 8 * time.Hour},
		{45, 53, 0}, {45, 53.01, 3 * time.Second},
	} {
		if got, found := p.During(at(test.from), at(test.to)); got.Length != test.want || found != (test.want > 0) {
			t.Errorf("from %v s to %v s: %v, %v; want %v", test.from, test.to, got.Length, found, test.want)
		}
	}
}

// What failed while this process was stopped is tried again; what fails besides is not.
func TestAgainAfterPause(t *testing.T) {
	failure := errors.New("failed")
	for _, test := range []struct {
		name string
		take []time.Duration // each try that fails; those from LeastPause on are pauses
		want int             // tries
		err  error
	}{
		{"at once", nil, 1, nil},
		{"failed", []time.Duration{time.Second}, 1, failure},
		{"stopped once", []time.Duration{time.Minute}, 2, nil},
		{"stopped again and again", []time.Duration{time.Minute, time.Minute, time.Minute, time.Minute}, 3, failure},
	} {
		tries := 0
		var pauses Pauses
		err := againAfterPause(t.Context(), &pauses, func() error {
			now := time.Now()
			pauses.Note(now, now, pausePeriod)
			if tries++; tries > len(test.take) {
				return nil
			}
			if took := test.take[tries-1]; took >= LeastPause {
				pauses.Note(now.Add(-took), now, pausePeriod)
			}
			return failure
		})
		if tries != test.want || !errors.Is(err, test.err) {
			t.Errorf("%s: %d tries, %v", test.name, tries, err)
		}
	}
}
