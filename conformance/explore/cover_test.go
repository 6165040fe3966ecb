package explore

import (
	"slices"
	"testing"
	"time"

	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// everything is what can be asked of the reference server.
var everything = Abilities{
	Transports: wire.Transports[:], Modes: timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S},
	Control: true, Verdicts: true, Veto: true, Store: true,
}

// reachedBy returns what a conversation reaches of a healthy server.
func reachedBy(c Conversation) map[rule]int {
	script, at := newScript(cast{nonce: "n", store: true}), time.Duration(0)
	h := &history{modes: everything.Modes, app: server.Conventions{}}
	on := map[int]wire.Transport{}
	for _, s := range c {
		if s.Do == Open {
			on[s.Conn], _ = wire.ParseTransport(s.On)
		}
		at += usualPace + s.For
		if done, ok := script.write(s, on[s.Conn]); ok {
			done.at = at
			h.steps = append(h.steps, done)
		}
	}
	h.until = at + time.Second
	return h.covered()
}

func TestCoverage(t *testing.T) {
	on := func(transports ...string) (c Conversation) {
		for i, name := range transports {
			c = append(c, Step{Do: Open, Conn: i, On: name}, Step{Do: Login, Conn: i, User: i})
		}
		return c
	}
	loggedIn := []rule{openedIn, loginAccepted}
	for _, test := range []struct {
		name  string
		steps Conversation
		want  []rule
	}{
		{"login", on("tcp"), loggedIn},
		{"refused", Conversation{{Do: Open, On: "udp"}, {Do: Login, Code: 7}}, []rule{loginRefused}},
		{"error 301", Conversation{{Do: Open, On: "tcp"}, {Do: KeepAlive}}, []rule{refused301, openedClosed}},
		{"logout", append(on("ws"), Step{Do: Logout}), append(loggedIn, inOut, toldLogout)},
		{"left", append(on("tcp"), Step{Do: Close}), append(loggedIn, inLeft, toldLogout)},
		{"expired", append(on("udp"), Step{Do: Wait, For: 11 * time.Second}), append(loggedIn, inGone, toldLogout)},
		{"kicked", append(on("tcp"), Step{Do: Kick, Code: 2}), append(loggedIn, inKicked, toldKick)},
		{"replaced", append(on("tcp"), Step{Do: Open, Conn: 1, On: "udp"}, Step{Do: Login, Conn: 1}), append(loggedIn, inReplaced)},
		{"loses", append(on("tcp"), Step{Do: Open, Conn: 1, On: "udp"}, Step{Do: Login, Conn: 1, Claim: Earlier}), append(loggedIn, inLoses)},
		{"taken over", append(on("tcp"), Step{Do: Open, Conn: 1, On: "udp"}, Step{Do: Login, Conn: 1, Claim: Own}, Step{Do: KeepAlive}), append(loggedIn, inTaken, keepAliveElse)},
		{"again", append(on("tcp"), Step{Do: Login}, Step{Do: Login, User: 1}), append(loggedIn, inAgain, inOther, toldLogout)},
		{"to oneself", append(on("tcp"), Step{Do: Data, QoS: true, No: 1}), append(loggedIn, toOneself, userACK)},
		{"across", append(on("tcp", "udp"), Step{Do: Data, To: 1}), append(loggedIn, passedOn, passedAcross)},
		{"offline", append(on("tcp"), Step{Do: Data, To: 1}, Step{Do: Data, To: 2}), append(loggedIn, lostOffline, storedOffline)},
		{"to the server", append(on("tcp"), Step{Do: Data, To: ToServer, QoS: true, No: 1}, Step{Do: ACK, No: 1}), append(loggedIn, toldC2S, serverACK, toldReceived)},
		{"second copy", append(on("tcp"), Step{Do: Push, QoS: true, No: 1}, Step{Do: Wait, For: 5500 * time.Millisecond}, Step{Do: KeepAlive}, Step{Do: Wait, For: 5 * time.Second}), append(loggedIn, pushed, secondCopy, keepAliveAnswer, toldLost)},
		{"in another's name", append(on("tcp"), Step{Do: Data, User: 1, To: ToServer}), append(loggedIn, refused4)},
		{"a frame", append(on("tcp"), Step{Do: Frame, Kind: "huge length"}), append(loggedIn, belowRules, inClosed, toldLogout)},
	} {
		reached := reachedBy(test.steps)
		for _, r := range rules {
			if wanted := slices.Contains(test.want, r); wanted != (reached[r] > 0) {
				t.Errorf("%s: %q was reached: %t", test.name, r, !wanted)
			}
		}
	}
}

// What is listed can be reached, and what is reached is listed.
func TestEverythingIsReached(t *testing.T) {
	reached := map[rule]int{}
	for seed := range uint64(2000) {
		for r, n := range reachedBy(playable(Generate(seed, length, everything, DefaultWeights()))) {
			reached[r] += n
		}
	}
	for _, r := range rules {
		if reached[r] == 0 {
			t.Errorf("%q was not reached", r)
		}
		delete(reached, r)
	}
	if len(reached) > 0 {
		t.Errorf("not listed: %v", reached)
	}
	w, err := DefaultWeights().on([]wire.Transport{wire.UDP})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range within(w, Abilities{Transports: []wire.Transport{wire.UDP}}) {
		if slices.Contains([]rule{openedGone, pushed, loginRefused, passedAcross, storedOffline}, r) {
			t.Errorf("%q cannot be reached on UDP without a control API", r)
		}
	}
}
