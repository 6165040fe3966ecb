package books

import (
	"testing"
	"time"

	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// The books of all workers are the sum of theirs, or the latest.
func TestWorkersAddUp(t *testing.T) {
	all := Workers{NewWorker(wire.Transports[:]), NewWorker(wire.Transports[:])}
	all[0].Messages[plan.ToClient].Sent.Add(2)
	all[1].Messages[plan.ToClient].Sent.Add(3)
	all[0].Activity.LastLogin.Store(int64(2 * time.Second))
	all[1].Activity.LastLogin.Store(int64(time.Second))
	all[0].Sessions.Lose(Loss{Cause: "a"})
	all[1].Sessions.Lose(Loss{Cause: "b"})
	got := all.Ledgers([]plan.Flow{plan.ToServer, plan.ToClient})
	if len(got) != 2 || got[0].Kind != reports.MessagesC2S || got[0].Sent != 0 || got[1].Kind != reports.MessagesC2C || got[1].Sent != 5 {
		t.Errorf("got %+v", got)
	}
	sessions := all.Sessions()
	if sessions.Total() != 2 || all.LastLogin() != 2*time.Second {
		t.Errorf("%d sessions were lost, the last login was after %v", sessions.Total(), all.LastLogin())
	}
}

// Every send that was not made is an error of its second, and only one of the steady part
// is reported.
func TestFail(t *testing.T) {
	all := Workers{NewWorker(nil), NewWorker(nil)}
	all[0].Fail(Blocked, true)
	all[1].Fail(Blocked, true)
	all[1].Fail(TooLate, false)
	if got := [...]int64{all.NotMade(TooLate), all.NotMade(NotOnline), all.NotMade(Blocked)}; got != [...]int64{0, 0, 2} {
		t.Errorf("not made were %v, want two that were blocked", got)
	}
	if got := all[1].Activity.AllErrors(); got != 2 {
		t.Errorf("%d errors, want 2", got)
	}
}

func TestGapsAreBounded(t *testing.T) {
	w := NewWorker(nil)
	for range MaxGaps + 1 {
		w.Gap(wire.NewQoSData("a", "b", "text", "fp"), reports.GapLost)
	}
	want := reports.Gap{Kind: reports.MessagesC2C, Fingerprint: "fp", From: "a", To: "b", What: reports.GapLost}
	if len(w.Gaps) != MaxGaps || w.Gaps[0] != want {
		t.Errorf("%d gaps, the first is %+v; want %d of %+v", len(w.Gaps), w.Gaps[0], MaxGaps, want)
	}
}
