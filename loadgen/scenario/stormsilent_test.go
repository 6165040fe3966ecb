package scenario

import (
	"testing"
	"time"

	"imcheck/harness/target"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// What an abandoned connection shows of its session, on TCP in sense mode 3S unless said
// otherwise: it is left at 10 s, its client tries at 11 s and is back at 12 s.
func TestZombieShows(t *testing.T) {
	second := func(n int) time.Duration { return time.Duration(n) * time.Second }
	kick, answer := wire.NewKickout("u", wire.Kickout{Code: wire.KickDuplicateLogin}), wire.NewKeepAliveResponse("u")
	tests := []struct {
		name    string
		asNew   bool
		on      wire.Transport
		happens func(z *zombie)
		end     time.Duration
		want    reports.Silent
	}{
		{"taken over, closed when it expires", false, wire.TCP, func(z *zombie) { z.Ended(second(17)) }, second(30),
			reports.Silent{ReturnedKept: 1, Zombies: 1, TakenOver: 1, Ended: 1, KeptMaxMs: 2000, NewMaxMs: -1, ZombieMaxMs: 7000}},
		{"kicked and closed", true, wire.TCP, func(z *zombie) { z.Arrived(second(12), kick); z.Ended(second(12)) }, second(30),
			reports.Silent{ReturnedNew: 1, Zombies: 1, SelfKicks: 1, Ended: 1, KeptMaxMs: -1, NewMaxMs: 2000, ZombieMaxMs: 2000}},
		{"gone before the return", true, wire.WS, func(z *zombie) { z.Ended(second(10)) }, second(30),
			reports.Silent{ReturnedNew: 1, Ended: 1, KeptMaxMs: -1, NewMaxMs: 2000, ZombieMaxMs: 0}},
		{"not kicked", true, wire.TCP, func(z *zombie) { z.Ended(second(17)) }, second(30),
			reports.Silent{ReturnedNew: 1, Zombies: 1, NotKicked: 1, Ended: 1, KeptMaxMs: -1, NewMaxMs: 2000, ZombieMaxMs: 7000}},
		{"kicked by an equal login", false, wire.WS, func(z *zombie) { z.Arrived(second(12), kick); z.Ended(second(12)) }, second(30),
			reports.Silent{ReturnedKept: 1, Zombies: 1, KickedEqual: 1, Ended: 1, KeptMaxMs: 2000, NewMaxMs: -1, ZombieMaxMs: 2000}},
		{"answered in place of the new one", false, wire.TCP, func(z *zombie) { z.Arrived(second(15), answer); z.Ended(second(17)) }, second(30),
			reports.Silent{ReturnedKept: 1, Zombies: 1, TakenOver: 1, Misdirected: 1, Ended: 1, KeptMaxMs: 2000, NewMaxMs: -1, ZombieMaxMs: 7000}},
		{"sent what was under way", false, wire.TCP, func(z *zombie) { z.Arrived(second(12)+crossing, answer); z.Ended(second(17)) }, second(30),
			reports.Silent{ReturnedKept: 1, Zombies: 1, TakenOver: 1, Ended: 1, KeptMaxMs: 2000, NewMaxMs: -1, ZombieMaxMs: 7000}},
		{"never closed", false, wire.TCP, func(*zombie) {}, second(23),
			reports.Silent{ReturnedKept: 1, Zombies: 1, TakenOver: 1, Overdue: 1, KeptMaxMs: 2000, NewMaxMs: -1, ZombieMaxMs: -1}},
		{"not closed yet", false, wire.TCP, func(*zombie) {}, second(22),
			reports.Silent{ReturnedKept: 1, Zombies: 1, TakenOver: 1, Undecided: 1, KeptMaxMs: 2000, NewMaxMs: -1, ZombieMaxMs: -1}},
		{"kicked on UDP", true, wire.UDP, func(z *zombie) { z.Arrived(second(12), kick) }, second(30),
			reports.Silent{ReturnedNew: 1, Zombies: 1, SelfKicks: 1, KeptMaxMs: -1, NewMaxMs: 2000, ZombieMaxMs: -1}},
		{"nothing on UDP", false, wire.UDP, func(*zombie) {}, second(30),
			reports.Silent{ReturnedKept: 1, Unseen: 1, KeptMaxMs: 2000, NewMaxMs: -1, ZombieMaxMs: -1}},
	}
	run := &Run{Target: &target.Target{Modes: timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S}}}
	for _, test := range tests {
		s := &silent{}
		z := &zombie{silent: s, on: test.on, asNew: test.asNew, left: second(10), tried: second(11), back: second(12), kicked: none, ended: none}
		s.all = append(s.all, z)
		test.happens(z)
		s.end(test.end)
		if got := *reportSilent(run, s.all); got != test.want {
			t.Errorf("%s:\ngot  %+v\nwant %+v", test.name, got, test.want)
		}
	}
}

func TestReturnsAsNew(t *testing.T) {
	for login, want := range map[string][2]bool{"": {false, true}, "both": {false, true}, "kept": {false, false}, "new": {true, true}} {
		if got := [2]bool{returnsAsNew(login, 4), returnsAsNew(login, 5)}; got != want {
			t.Errorf("%q: %v, want %v", login, got, want)
		}
	}
}
