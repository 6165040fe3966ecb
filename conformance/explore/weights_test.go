package explore

import (
	"strings"
	"testing"

	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// The example names everything that has a weight, each over 0.
func TestExampleWeights(t *testing.T) {
	w := DefaultWeights()
	for _, one := range w.steps {
		if one.weight <= 0 {
			t.Errorf("%s has the weight %d", one.what, one.weight)
		}
	}
	if len(w.steps) != len(stepKeys) || w.receivers.total() <= 0 || w.transports.total() <= 0 {
		t.Errorf("weights %+v", w)
	}
	changed, err := parseWeights("w", []byte("steps: {kick: 0}"), w)
	if err != nil || changed.steps.of(Kick) != 0 || changed.steps.of(Open) != w.steps.of(Open) || changed.receivers.total() != w.receivers.total() {
		t.Errorf("%+v, %v", changed, err)
	}
}

// An area draws its own steps and what leads there, and no others.
func TestAreas(t *testing.T) {
	abilities := Abilities{Transports: wire.Transports[:], Modes: timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S}, Control: true, Verdicts: true, Veto: true, Store: true}
	for named, want := range map[string]string{
		"login":         "login logout close",
		"heartbeat,tcp": "keep-alive echo",
		"c2s":           "data copy",
		"c2c,udp":       "data copy ack",
		"kick,framing":  "kick frame handshake",
		"s2c":           "push ack",
		"qos,c2s":       "data copy ack push",
		"message,ws":    "bytes echo",
	} {
		w, err := DefaultWeights().Only(strings.Split(named, ","))
		if err != nil {
			t.Error(err)
		}
		seen := map[Action]bool{}
		for seed := range uint64(40) {
			for _, s := range Generate(seed, length, abilities, w) {
				seen[s.Do] = true
				_, transport, bounded := strings.Cut(named, ",")
				if _, err := wire.ParseTransport(transport); bounded && err == nil && s.Do == Open && s.On != transport {
					t.Errorf("%s: %s", named, s)
				}
				if s.Do == Data && named == "c2s" && s.To != ToServer || s.Do == Data && strings.HasPrefix(named, "c2c") && s.To == ToServer {
					t.Errorf("%s: %s", named, s)
				}
			}
		}
		for _, do := range actions {
			common := do == Open || do == Login || do == Wait
			if wanted := common || strings.Contains(" "+want+" ", " "+string(do)+" "); seen[do] != wanted {
				t.Errorf("%s: %s is drawn: %t", named, do, seen[do])
			}
		}
	}
	zero, err := parseWeights("w", []byte("receivers: {server: 0}"), DefaultWeights())
	if err != nil {
		t.Fatal(err)
	}
	for named, want := range map[string]string{"c2s": "leave nothing to draw", "kicks": "there is no area", "": "there is no area"} {
		if _, err := zero.Only([]string{named}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", named, err, want)
		}
	}
}
