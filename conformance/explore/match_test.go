package explore

import (
	"slices"
	"testing"
	"time"

	"imcheck/harness/target"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
)

// An event that is missing is a difference; when all are from some time on, the stream of
// events was held up.
func TestEventsThatAreHeldUpAreLate(t *testing.T) {
	c := Conversation{
		{Do: Open, On: "tcp"}, {Do: Login}, {Do: Wait, For: time.Second},
		{Do: Open, Conn: 1, On: "udp"}, {Do: Login, Conn: 1, User: 1}, {Do: Logout, Conn: 1, User: 1}, {Do: Login, Conn: 1, User: 1},
	}
	onServer(t, func(*reference.Config) {}, func(t *testing.T, under *target.Target) {
		control := target.NewControl(under.Network, under.Control)
		defer control.Close()
		h, err := play(t.Context(), under, control, Follow(t.Context(), control, true), c, nonce(), prompt)
		if err != nil {
			t.Fatal(err)
		}
		all := h.seen
		for _, test := range []struct {
			name    string
			missing func(n int) bool // of the n-th event
			late    bool
		}{
			{"the last", func(n int) bool { return n == 6 }, false},
			{"the last two", func(n int) bool { return n >= 5 }, false},
			{"all but the last", func(n int) bool { return n < 6 }, false},
			{"all from the second user on", func(n int) bool { return n >= 2 }, true},
			{"all", func(int) bool { return true }, true},
		} {
			n := -1
			h.seen = slices.DeleteFunc(slices.Clone(all), func(s observation) bool {
				if s.conn != application {
					return false
				}
				n++
				return test.missing(n)
			})
			if n != 6 {
				t.Fatalf("%d events, want 7", n+1)
			}
			var favourites []choice
			d := h.judge(&favourites)
			if d == nil || d.Actual != nothing || d.late > prompt.Quiet != test.late {
				t.Errorf("%s: difference %+v, want one that is late: %v", test.name, d, test.late)
			}
		}
	})
}

// A copy explains what comes at once, and a retransmission what comes later.
func TestRetransmissionAfterACopy(t *testing.T) {
	const sent, copied = 13127 * time.Millisecond, 13441 * time.Millisecond
	h := history{limits: bounds{early: 100 * time.Millisecond, late: 4 * time.Second, quiet: 60 * time.Millisecond}}
	h.steps = []performed{{step: Step{Do: Copy}, at: copied, message: wire.NewQoSData("u", "v", "x", "f")}}
	for _, test := range []struct{ at, want time.Duration }{
		{copied + 2*time.Millisecond, 7 * time.Second}, // the latest time: nothing else came
		{sent + 2189*time.Millisecond, 2189 * time.Millisecond},
	} {
		h.seen = []observation{{at: test.at, conn: 1, fingerprint: "f"}}
		if got := h.retransmittedAfter("f", sent); got != test.want {
			t.Errorf("seen at %v: retransmitted after %v, want %v", test.at, got, test.want)
		}
	}
}
