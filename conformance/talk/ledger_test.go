package talk

import (
	"testing"
	"time"

	"imcheck/protocol/wire"
	"imcheck/reports"
)

// Each fate of a message, by what happened to it.
func TestFates(t *testing.T) {
	start := time.Unix(1000, 0)
	at := func(d time.Duration) time.Time { return start.Add(d) }
	const fp, text = "fp", "text"
	acked := func(l *Ledger) { l.Acked(at(time.Second), 0, fp) }
	lost := func(l *Ledger) { l.Lost(at(time.Second), 0, []string{"other", fp}) }
	shownAt := func(d time.Duration) func(l *Ledger) {
		return func(l *Ledger) { l.Shown(at(d), 1, "u", text) }
	}
	shown := shownAt(time.Second)
	told := func(what Told) func(l *Ledger) { return func(l *Ledger) { l.Told(at(time.Second), fp, what) } }
	linkEnded := func(l *Ledger) { l.LinkEnded(at(2*time.Second), 1) }
	loggedIn := func(l *Ledger) { l.LoggedIn(1) }
	answered := func(code wire.Code) func(l *Ledger) { return func(l *Ledger) { l.SendAnswered(0, code) } }
	type steps []func(l *Ledger)
	tests := []struct {
		name     string
		steps    steps
		want     reports.TalkLedger
		balances bool
		open     int
	}{
		{"delivered", steps{answered(0), acked, shown}, reports.TalkLedger{Sent: 1, Delivered: 1}, true, 0},
		{"delivered, and the server's copy lost", steps{acked, shown, told(ToldLost)}, reports.TalkLedger{Sent: 1, Delivered: 1, ServerLostThoughShown: 1}, true, 0},
		{"an ACK after the report of the loss", steps{shown, lost, acked}, reports.TalkLedger{Sent: 1, Delivered: 1}, true, 0},
		{"only the ACKs lost", steps{shown, lost}, reports.TalkLedger{Sent: 1, LostThoughShown: 1}, true, 0},
		{"lost", steps{lost}, reports.TalkLedger{Sent: 1, LostReported: 1}, true, 0},
		{"no report", steps{shown}, reports.TalkLedger{Sent: 1, ShownUnreported: 1}, true, 1},
		{"given up by the server", steps{acked, told(ToldPassedOn), told(ToldLost)}, reports.TalkLedger{Sent: 1, LostAtServer: 1}, true, 0},
		{"given up by the server, but the receiver got it", steps{acked, told(ToldReached), told(ToldLost)}, reports.TalkLedger{Sent: 1, Missing: 1}, false, 0},
		{"given up by the server, and the receiver's link ended", steps{acked, told(ToldReached), linkEnded, told(ToldReached), told(ToldLost)}, reports.TalkLedger{Sent: 1, LostAtServer: 1}, true, 0},
		{"given up by the server, and received after a login", steps{acked, linkEnded, loggedIn, told(ToldReached), told(ToldLost)}, reports.TalkLedger{Sent: 1, Missing: 1}, false, 0},
		{"stored by the server", steps{acked, told(ToldStored)}, reports.TalkLedger{Sent: 1, LostAtServer: 1}, true, 0},
		{"offline and not reported", steps{told(ToldOffline)}, reports.TalkLedger{Sent: 1, Missing: 1}, false, 1},
		{"acknowledged and not shown", steps{acked, told(ToldReceived)}, reports.TalkLedger{Sent: 1, Missing: 1}, false, 0},
		{"nothing", nil, reports.TalkLedger{Sent: 1, Missing: 1}, false, 1},
		{"refused", steps{answered(1)}, reports.TalkLedger{Refused: 1}, true, 0},
		{"refused, and sent all the same", steps{answered(1), shown}, reports.TalkLedger{Sent: 1, ShownUnreported: 1}, true, 1},
		{"shown twice", steps{acked, shown, shownAt(9 * time.Minute)}, reports.TalkLedger{Sent: 1, ShownTwice: 1}, false, 0},
		{"shown again when it is forgotten", steps{acked, shown, shownAt(12 * time.Minute)}, reports.TalkLedger{Sent: 1, Delivered: 1}, true, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := NewLedger(start, []string{"u", "v"}, false)
			l.Send(start, 0, 1, fp, text)
			for _, step := range test.steps {
				step(l)
			}
			got := Sum(l.Ways())
			if got != test.want || got.Balances() != test.balances {
				t.Errorf("got %+v, balances %t", got, got.Balances())
			}
			if open := l.Open(); open != test.open {
				t.Errorf("%d are open, want %d", open, test.open)
			}
			if simple := got.Delivered == 1 && got.ServerLostThoughShown == 0; simple != (len(l.Odd()) == 0) {
				t.Errorf("odd: %+v", l.Odd())
			}
		})
	}
}

// What nobody sent to a client must not be shown by it.
func TestStrangeMessages(t *testing.T) {
	start := time.Unix(1000, 0)
	l := NewLedger(start, []string{"u", "v", "w"}, false)
	l.Send(start, 0, 1, "fp", "text")
	l.Acked(start, 0, "fp")
	l.Shown(start, 1, "u", "text")
	l.Shown(start, 1, "u", "text, altered")
	l.Shown(start, 1, "w", "text") // by another sender
	l.Shown(start, 2, "u", "text") // to another receiver
	if got, want := Sum(l.Ways()), (reports.TalkLedger{Sent: 1, Delivered: 1, Strange: 3}); got != want || got.Balances() {
		t.Errorf("got %+v", got)
	}
	if odd := l.Odd(); len(odd) != 3 || odd[0].Content != "text, altered" || odd[0].To != "v" {
		t.Errorf("odd: %+v", odd)
	}
	// Reports of others change nothing.
	l.Send(start, 0, 1, "fp2", "text 2")
	l.Acked(start, 1, "fp2")
	l.Lost(start, 2, []string{"fp2"})
	if got := Sum(l.Ways()); got.Missing != 1 {
		t.Errorf("got %+v", got)
	}
}

// The answers to sends come in their order.
func TestAnswersToSends(t *testing.T) {
	l := NewLedger(time.Unix(1000, 0), []string{"u", "v"}, false)
	l.Send(l.started, 0, 1, "a", "1")
	l.Send(l.started, 0, 1, "b", "2")
	l.SendAnswered(1, wire.CodeNotLoggedIn) // of a client that sent nothing
	l.SendAnswered(0, wire.CodeOK)
	l.SendAnswered(0, wire.CodeNotLoggedIn)
	l.SendAnswered(0, wire.CodeOK) // to nothing
	if got := Sum(l.Ways()); got.Sent != 1 || got.Refused != 1 {
		t.Errorf("got %+v", got)
	}
}
