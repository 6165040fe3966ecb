package explore

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"imcheck/harness/target"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/faults"
	"imcheck/reference-server/reference"
	"imcheck/reports"

	"imcheck/conformance/server"
	"imcheck/conformance/suite"
)

// What is written is read back, whatever the conversation, as far as it does anything.
func TestFilesAreReadBack(t *testing.T) {
	abilities := Abilities{Transports: wire.Transports[:], Modes: timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S}, Control: true, Verdicts: true, Veto: true, Store: true}
	written := func(f *File) string {
		var b bytes.Buffer
		if _, err := f.WriteTo(&b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	steps := 0
	for seed := range uint64(300) {
		f := &File{Title: "What \"<seed>\" says: ü", Seed: seed, Requirements: []string{"c2c-ack"}, Expected: "nothing\x00 & 😀", Steps: playable(Generate(seed, length, abilities, DefaultWeights()))}
		text := written(f)
		again, err := parseFile("a.json", []byte(text))
		if err != nil {
			t.Fatalf("seed %d: %v in\n%s", seed, err, text)
		}
		if got := written(again); got != text {
			t.Fatalf("seed %d: read back as\n%s\nwant\n%s", seed, got, text)
		}
		for i, s := range again.Steps {
			if s.String() != f.Steps[i].String() || s.Text != f.Steps[i].Text && s.Do != Close {
				t.Fatalf("seed %d: read back %v as %v", seed, f.Steps[i], s)
			}
		}
		steps += len(again.Steps)
	}
	if steps < 3000 {
		t.Errorf("%d steps were read back", steps)
	}
}

// playable leaves out what the player would.
func playable(c Conversation) Conversation {
	closed, sent := map[int]bool{}, map[int]bool{}
	return slices.DeleteFunc(c, func(s Step) bool {
		if s.onConnection() && closed[s.Conn] || (s.Do == ACK || s.Do == Copy) && !sent[s.No] {
			return true
		}
		sent[s.No] = sent[s.No] || s.Do == Data || s.Do == Push
		closed[s.Conn] = closed[s.Conn] || s.Do == Close
		return false
	})
}

// A file that cannot be played is refused, with the line and the reason.
func TestBadFilesAreRefused(t *testing.T) {
	const open = "{do: open, conn: 0, on: udp}"
	waits := strings.Repeat("\n{do: wait, forMs: 290000},", 2)
	for steps, want := range map[string]string{
		open + "\n" + `{do: sing, conn: 0}`:                    `x:3: step 2: do: there is no "sing"`,
		open + "\n" + open:                                     "x:3: step 2: conn: connection 0 is opened twice",
		`{do: open, conn: 0, on: carrier pigeon}`:              "x:2: step 1: on:",
		`{do: open, conn: 100, on: udp}`:                       "conn: 100 is not from 0 to 99",
		`{do: open, conn: -1, on: udp}`:                        "conn: -1 is not",
		`{do: open, conn: 0, on: udp, colour: red}`:            `unknown key "colour"`,
		`{do: open, conn: 0, on: udp, text: hello}`:            `text: it means nothing for "open"`,
		`{do: open, conn: first, on: udp}`:                     "x:2: this has to be a whole number",
		`{do: login, conn: 0, user: 0}`:                        "connection 0 has not been opened",
		open + "\n{do: close, conn: 0}\n{do: logout, conn: 0}": "x:4: step 3: conn: connection 0 has been closed",
		open + "\n{do: login, conn: 0, user: 3}":               "user: 3 is not from 0 to 2",
		open + "\n{do: login, conn: 0, claim: mine}":           `claim: "mine" is not`,
		open + "\n{do: login, conn: 0, code: 5000000000}":      "whole numbers of 32 bits",
		open + "\n{do: data, conn: 0, to: -3}":                 "to: -3 is no user",
		open + "\n{do: data, conn: 0, qos: perhaps}":           "true or false",
		`{do: kick, to: -1, code: 2}`:                          "to: -1 is no user",
		open + "\n{do: ack, conn: 0, no: 7}":                   "no: there is no message 7 before",
		open + "\n{do: ack, conn: 0}":                          "no: there is no message 0 before",
		open + "\n{do: frame, conn: 0, kind: ping}":            `udp has no frame "ping"`,
		`{do: open, conn: 0, on: tcp}` + "\n{do: frame, conn: 0, kind: half}\n{do: logout, conn: 0}": "half a frame came last",
		open + "\n{do: bytes, conn: 0, hex: 6}":                                                      "two digits each",
		open + "\n{do: bytes, conn: 0, text: a, hex: ff}":                                            "exclude each other",
		open + "\n{do: bytes, conn: 0, text: " + long(70_000) + "}":                                  "70000 bytes are more than 65536",
		`{do: wait}`:                    "forMs: a wait takes over 0",
		`{do: wait, forMs: -5}`:         "forMs: a wait takes over 0",
		`{do: wait, forMs: .nan}`:       "forMs: a wait takes over 0",
		`{do: wait, forMs: 1e99}`:       "forMs: a wait takes over 0",
		strings.TrimSuffix(waits, ","):  "longer than 5m0s",
		`{do: echo, conn: 0, text: ""}`: "there is no value",
		"":                              "has 1 to 1000 steps, and this one 0",
		strings.Repeat("{do: wait, forMs: 1}\n", 1001): "has 1 to 1000 steps, and this one 1001",
	} {
		steps = strings.ReplaceAll(strings.TrimSpace(steps), "}\n", "},\n")
		text := `{"form": "imcheck conversation 1", steps: [` + "\n" + steps + "]}"
		if _, err := parseFile("x", []byte(text)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.80s: %v, want %q", steps, err, want)
		}
	}
	for text, want := range map[string]string{
		"":                             "the file is empty",
		"[1, 2]":                       "this has to be",
		"steps: []":                    `"" is not a form that this program reads`,
		"form: imcheck conversation 2": `it reads "imcheck conversation 1"`,
		"form: imcheck conversation 1\nrequirements: [no-such]\nsteps: [{do: wait, forMs: 1}]": `x:2: requirements.0: docs/protocol.md has no requirement "no-such"`,
		"form: imcheck conversation 1\ntitle:\nsteps: [{do: wait, forMs: 1}]":                  "x:2: title: there is no value",
		"{": "x:1:",
	} {
		if _, err := parseFile("x", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func long(n int) string { return strings.Repeat("x", n) }

// A file is a case: it fails where the fault is that it was found with, and passes
// elsewhere.
func TestFilesAreCases(t *testing.T) {
	f := &File{Path: "dir/Kick reason.json", Requirements: []string{"kick-out"}, Steps: Conversation{
		{Do: Open, On: "tcp"}, {Do: Login}, {Do: Kick, Code: 2, Text: "go away"},
	}}
	c := f.Case()
	if c.ID != "explore/kick-reason" || !slices.Equal(c.Needs, []string{"s2c", "kick"}) || c.Requirement == "" {
		t.Errorf("case %+v", c)
	}
	if err := suite.Check([]suite.Case{c}); err != nil {
		t.Error(err)
	}
	broken, err := faults.Find([]string{"kick-reason-lost"})
	if err != nil {
		t.Fatal(err)
	}
	run := func(with []faults.Fault) (result reports.Result) {
		onServer(t, func(c *reference.Config) { c.Faults = with }, func(t *testing.T, under *target.Target) {
			finished, err := server.Run(t.Context(), under, []suite.Item{{Case: c, Transport: wire.TCP}}, suite.Options{})
			if err != nil || len(finished) != 1 {
				t.Fatal(finished, err)
			}
			result = finished[0].Result
			if len(finished[0].Trace) < 4 {
				t.Errorf("the transcript has %d lines", len(finished[0].Trace))
			}
		})
		return result
	}
	if r := run(nil); r.Verdict != reports.Pass {
		t.Errorf("healthy: %s", suite.Explain(r))
	}
	if r := run(broken); r.Verdict != reports.Fail || !strings.Contains(r.Expected, "go away") || strings.Contains(r.Actual, "go away") {
		t.Errorf("faulty: %s", suite.Explain(r))
	}
}

// A conversation needs every transport that it opens connections on.
func TestCaseNeedsItsTransports(t *testing.T) {
	c := (&File{Path: "a.json", Steps: Conversation{{Do: Open, On: "tcp"}, {Do: Open, Conn: 1, On: "udp"}, {Do: Wait, For: time.Second}}}).Case()
	for _, test := range []struct {
		served            []wire.Transport
		selected, skipped int
	}{
		{wire.Transports[:], 1, 0}, {[]wire.Transport{wire.TCP}, 0, 1}, {[]wire.Transport{wire.UDP}, 0, 1},
	} {
		selected, skipped, err := suite.Selection{}.Select([]suite.Case{c}, test.served)
		if err != nil || len(selected) != test.selected || len(skipped) != test.skipped {
			t.Errorf("%v: %d selected, %d skipped, %v", test.served, len(selected), len(skipped), err)
		}
	}
}
