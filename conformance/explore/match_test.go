package explore

import (
	"slices"
	"testing"
	"time"

	"imcheck/harness/target"
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
