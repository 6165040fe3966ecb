package impair

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"imcheck/protocol/wire"
)

func TestParse(t *testing.T) {
	tests := []struct {
		name  string
		specs []string
		want  []string // as Specs writes it
		notes int
	}{
		{"nothing", nil, nil, 0},
		{"everywhere", []string{"delay=50ms"}, []string{"udp tcp ws: delay=50ms"}, 0},
		{"with the issue's figures", []string{"drop=5%,delay=50ms,jitter=30ms"},
			[]string{"udp: drop=5%, delay=50ms, jitter=30ms", "tcp ws: delay=50ms, jitter=30ms"}, 1},
		{"one transport", []string{"udp: drop=2%, duplicate=1%, reorder=0.5%"}, []string{"udp: drop=2%, duplicate=1%, reorder=0.5%"}, 0},
		{"one direction", []string{"tcp in: delay=50ms, stall=1s/10s"}, []string{"tcp in: delay=50ms, stall=1s/10s"}, 0},
		{"direction only", []string{"out: delay=5ms"}, []string{"udp tcp ws out: delay=5ms"}, 0},
		{"both directions", []string{"udp in out: delay=5ms"}, []string{"udp: delay=5ms"}, 0},
		{"several transports", []string{"tcp, ws: stall=1s/10s"}, []string{"tcp ws: stall=1s/10s"}, 0},
		{"stall everywhere", []string{"stall=1s/10s"}, []string{"tcp ws: stall=1s/10s"}, 1},
		{"later counts", []string{"delay=50ms", "tcp: delay=10ms"}, []string{"udp ws: delay=50ms", "tcp: delay=10ms"}, 0},
		{"later adds", []string{"delay=50ms", "udp in: drop=1%"},
			[]string{"udp out: delay=50ms", "udp in: drop=1%, delay=50ms", "tcp ws: delay=50ms"}, 0},
		{"later takes away", []string{"udp: drop=5%", "udp in: drop=0%"}, []string{"udp out: drop=5%"}, 0},
		{"zero", []string{"drop=0%"}, nil, 1},
		{"zero stall", []string{"ws: stall=0s/10s"}, nil, 0},
		{"blanks", []string{"  UDP  :  drop = 5% ,delay= 50ms "}, []string{"udp: drop=5%, delay=50ms"}, 0},
		{"limits", []string{"udp: drop=100%, delay=10s, jitter=10s"}, []string{"udp: drop=100%, delay=10s, jitter=10s"}, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, notes, err := Parse(test.specs)
			if err != nil {
				t.Fatal(err)
			}
			if got := p.Specs(); !slices.Equal(got, test.want) {
				t.Errorf("got  %q\nwant %q", got, test.want)
			}
			if len(notes) != test.notes {
				t.Errorf("notes %q, want %d", notes, test.notes)
			}
		})
	}
}

func TestParseValues(t *testing.T) {
	p, _, err := Parse([]string{"udp in: drop=2.5%, duplicate=1%, reorder=3%, delay=50ms, jitter=30ms, seed=-7", "ws: stall=1s/10s", "seed=-7"})
	if err != nil {
		t.Fatal(err)
	}
	want := Policy{Seed: -7, Seeded: true}
	want.Paths[wire.UDP][In] = Impairment{Drop: 2.5, Duplicate: 1, Reorder: 3, Delay: 50 * time.Millisecond, Jitter: 30 * time.Millisecond}
	stall := Impairment{Stall: Stall{time.Second, 10 * time.Second}}
	want.Paths[wire.WS] = [...]Impairment{Out: stall, In: stall}
	if p != want {
		t.Errorf("got  %+v\nwant %+v", p, want)
	}
}

// Each mistake names the key and says what to write.
func TestParseRefuses(t *testing.T) {
	tests := []struct {
		specs []string
		index int
		want  string
	}{
		{[]string{""}, 0, "a key is missing: write KEY=VALUE"},
		{[]string{"drop=5%,"}, 0, "a key is missing"},
		{[]string{"udp:"}, 0, "a key is missing"},
		{[]string{": drop=5%"}, 0, "nothing comes before the colon"},
		{[]string{"delay=1ms", "dorp=5%"}, 1, `unknown key "dorp": use drop, duplicate`},
		{[]string{"udp drop=5%"}, 0, `unknown key "udp drop"`},
		{[]string{"=5%"}, 0, `unknown key ""`},
		{[]string{"drop"}, 0, "drop=: write a percentage from 0% to 100%, such as drop=5%"},
		{[]string{"drop=0.05"}, 0, "drop=0.05: write a percentage"},
		{[]string{"drop=101%"}, 0, "drop=101%: write a percentage"},
		{[]string{"drop=-1%"}, 0, "drop=-1%: write a percentage"},
		{[]string{"reorder=NaN%"}, 0, "reorder=NaN%: write a percentage"},
		{[]string{"duplicate=1e1%"}, 0, "duplicate=1e1%: write a percentage"},
		{[]string{"delay=50"}, 0, "delay=50: write a time from 0s to 10s, such as delay=50ms"},
		{[]string{"delay=-1ms"}, 0, "delay=-1ms: write a time"},
		{[]string{"delay=11s"}, 0, "delay=11s: write a time from 0s to 10s"},
		{[]string{"jitter=x"}, 0, "jitter=x: write a time"},
		{[]string{"stall=1s"}, 0, "stall=1s: write how long it stalls (up to 10s), a slash"},
		{[]string{"stall=10s/1s"}, 0, "such as stall=1s/10s"},
		{[]string{"stall=1s/2h"}, 0, "how often, which has to be longer (up to 1h0m0s)"},
		{[]string{"stall=1s/1s"}, 0, "stall=1s/1s: "},
		{[]string{"seed=x"}, 0, "seed=x: write a whole number, such as seed=7"},
		{[]string{"seed=99999999999999999999, drop=1%"}, 0, "write a whole number"},
		{[]string{"seed=7"}, 0, "it impairs nothing: add a key"},
		{[]string{"drop=1%, seed=7", "seed=8"}, 1, "seed=8: another spec has seed=7"},
		{[]string{"drop=1%, drop=2%"}, 0, "drop is given twice"},
		{[]string{"seed=1, seed=1"}, 0, "seed is given twice"},
		{[]string{"tcp: drop=5%"}, 0, "drop does not exist on tcp: a byte stream loses and reorders nothing; name udp, or use delay"},
		{[]string{"udp ws: reorder=5%"}, 0, "reorder does not exist on ws"},
		{[]string{"udp: stall=1s/10s"}, 0, "stall does not exist on udp"},
		{[]string{"sctp: drop=5%"}, 0, `"sctp" is neither a transport nor a direction: write udp, tcp, ws, in or out`},
		{[]string{"jitter=5ms"}, 0, "jitter=5ms with delay=0s on udp: the delay varies by the jitter either way and cannot fall below 0; write delay=5ms or more"},
		{[]string{"delay=5ms, jitter=5ms", "tcp in: jitter=10ms", "udp: drop=1%"}, 1, "jitter=10ms with delay=5ms on tcp"},
	}
	for _, test := range tests {
		t.Run(strings.Join(test.specs, "|"), func(t *testing.T) {
			p, notes, err := Parse(test.specs)
			mistake, ok := errors.AsType[*SpecError](err)
			if !ok || p != (Policy{}) || notes != nil {
				t.Fatalf("got %+v, %q, %v; want a SpecError alone", p, notes, err)
			}
			if mistake.Index != test.index || mistake.Spec != test.specs[test.index] || !strings.Contains(mistake.Reason, test.want) {
				t.Errorf("spec %d: %s\nwant spec %d: %s", mistake.Index, mistake.Reason, test.index, test.want)
			}
		})
	}
}

// What Parse takes Specs writes as something that Parse reads as the same, and
// of which there is nothing to note.
func FuzzParse(f *testing.F) {
	for _, spec := range []string{
		"drop=5%,delay=50ms,jitter=30ms", "udp: drop=2%, duplicate=1%, reorder=0.1%", "tcp in: delay=50ms, stall=1s/10s",
		"ws,udp out: delay=1.5us, seed=9", "stall=0s/1s", "udp in: jitter=1h", "drop=00.10%", ":", "=,=",
	} {
		f.Add(spec, "tcp: delay=7ms")
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		p, _, err := Parse([]string{first, second})
		if err != nil {
			if err.Error() == "" {
				t.Error("the error is empty")
			}
			return
		}
		for _, kind := range wire.Transports {
			for _, d := range Directions {
				i := p.Paths[kind][d]
				if i.Jitter > i.Delay || i.Drop < 0 || i.Drop > 100 || i.Delay > maxDelay || i.Stall.Length > 0 && i.Stall.Period <= i.Stall.Length {
					t.Errorf("out of bounds: %+v", i)
				}
			}
		}
		again, notes, err := Parse(p.Specs())
		if err != nil || again.Paths != p.Paths || len(notes) > 0 {
			t.Errorf("%q became %q: %+v, %q, %v", []string{first, second}, p.Specs(), again, notes, err)
		}
	})
}
