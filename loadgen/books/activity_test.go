package books

import (
	"fmt"
	"maps"
	"testing"
)

// Errors are counted by their causes, lost sessions among them, of which not too many
// different causes are kept.
func TestActivityCountsByCause(t *testing.T) {
	a := &NewWorker(nil).Activity
	a.Fail(MessageLost)
	a.Lose("reset")
	a.Lose("reset")
	if got := a.Losses(); !maps.Equal(got, map[string]int64{"reset": 2}) {
		t.Errorf("lost are %v", got)
	}
	if a.AllErrors() != 3 || a.Errors(MessageLost) != 1 || a.Errors(SessionLost) != 2 || a.Lost.Load() != 2 {
		t.Errorf("%d errors: %d messages, %d sessions; lost are %d", a.AllErrors(), a.Errors(MessageLost), a.Errors(SessionLost), a.Lost.Load())
	}
	for i := range MaxCauses + 5 {
		a.Lose(fmt.Sprint("cause ", i))
	}
	if got := a.Losses(); len(got) != MaxCauses+1 || got[CauseOther] != 6 {
		t.Errorf("%d causes are kept, and others %d times", len(got), got[CauseOther])
	}
}

// A send that was not made is an error with the cause of its obstacle.
func TestObstaclesAreErrors(t *testing.T) {
	for obstacle, want := range [Obstacles]ErrorCause{TooLate: SendTooLate, NotOnline: SendOffline, Blocked: SendBlocked} {
		w := NewWorker(nil)
		w.Fail(Obstacle(obstacle), true)
		if w.Activity.Errors(want) != 1 || w.Activity.AllErrors() != 1 {
			t.Errorf("obstacle %d is no error of %q", obstacle, ErrorCauseNames[want])
		}
	}
}
