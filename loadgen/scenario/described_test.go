package scenario

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"imcheck/fixtures"
	"imcheck/harness/strictyaml"
	"imcheck/harness/target"
	"imcheck/loadgen/options"
	"imcheck/reports/verdict"
)

// The example has every key, and is what the built-in scenario is, so that a
// user sees what leaving a key out means.
func TestExampleScenario(t *testing.T) {
	text, err := fixtures.Scenario("example")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Parse("example.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Thresholds) != 4 {
		t.Errorf("%d thresholds", len(s.Thresholds))
	}
	want := defaults(t, "steady")
	if !reflect.DeepEqual(s.Options, want) {
		t.Errorf("got %+v, want %+v", s.Options, want)
	}
	file, err := options.Decode([]byte(withOtherScenarios(string(text))), "")
	if err != nil {
		t.Fatal(err)
	}
	keys := []string{options.Scenario, options.Thresholds}
	for _, o := range options.All {
		keys = append(keys, o.Key)
	}
	for _, key := range keys {
		if !strictyaml.Has(file.Root, strings.Split(key, ".")...) {
			t.Errorf("the example lacks %s", key)
		}
	}
}

// otherScenarios are the keys of the example that its own scenario has no use for.
var otherScenarios = regexp.MustCompile(`(?m)^# ((?:chat|fanout|storm|churn|backlog|echo|mix|rates):\n)((?:#   .*\n)+)|^# stages: .*\n`)

// withOtherScenarios is the example with these keys.
func withOtherScenarios(text string) string {
	return otherScenarios.ReplaceAllStringFunc(text, func(block string) string {
		return regexp.MustCompile(`(?m)^# `).ReplaceAllString(block, "")
	})
}

// In its own scenario each of the other keys is as in the built-in one.
func TestExampleOfOtherScenarios(t *testing.T) {
	text, err := fixtures.Scenario("example")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"chat", "fanout", "storm", "churn", "backlog", "echo"} {
		block := regexp.MustCompile(`(?m)^` + name + `:\n(  .*\n)+`).FindString(withOtherScenarios(string(text)))
		s, err := Parse(name, []byte("scenario: "+name+"\n"+block))
		if block == "" || err != nil || !reflect.DeepEqual(s.Options, defaults(t, name)) {
			t.Errorf("%s: %q, %v", name, block, err)
		}
	}
}

// defaults are the options of a built-in scenario.
func defaults(t *testing.T, name string) options.Options {
	t.Helper()
	s, err := Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return Defaults(s)
}

func TestParse(t *testing.T) {
	s, err := Parse("s.yaml", []byte("scenario: storm\nclients: 7\nramp: 2s\nrampDown: 3s\nstorm: {share: 12.5, at: 4s}\nthresholds: [recovery.p99<10s]\n"))
	if err != nil {
		t.Fatal(err)
	}
	want := defaults(t, "storm")
	want.Clients, want.Ramp, want.RampDown, want.StormShare, want.StormAt = 7, 2*time.Second, 3*time.Second, 12.5, 4*time.Second
	if !reflect.DeepEqual(s.Options, want) || len(s.Thresholds) != 1 {
		t.Errorf("got %+v, want %+v", s.Options, want)
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct {
		name, text string
		line       int
		reason     string
	}{
		{"nothing", "# nothing\n", 0, "the scenario is empty"},
		{"no scenario", "clients: 5\n", 1, "scenario: say what the clients do"},
		{"an unknown scenario", "clients: 5\nscenario: rain\n", 2, `scenario: "rain" is unknown: use steady`},
		{"an unknown key", "scenario: idle\nclinets: 5\n", 2, `unknown key "clinets": "imcheck load --example-scenario" prints every key`},
		{"an unknown key further in", "scenario: chat\nchat:\n  pause: 1s\n", 3, `unknown key "pause"`},
		{"no number", "scenario: idle\nclients: many\n", 2, "this has to be a whole number"},
		{"a rate that is no number", "scenario: steady\nrate: fast\n", 2, "this has to be a number"},
		{"no time", "scenario: idle\nramp: 5\n", 2, `ramp: "5" is not a time`},
		{"no time further in", "scenario: churn\nchurn:\n  away: soon\n", 3, `churn.away: "soon" is not a time`},
		{"a bad threshold", "scenario: idle\nthresholds:\n  - login.p99<1s\n  - login.p99<1\n", 4, "thresholds.1: threshold \"login.p99<1\": login.p99 is a time"},
		{"a key without a value", "scenario: idle\nramp: 2s\nclients:\n", 3, "clients: there is no value: give one or leave the key out"},
		{"an empty text", "scenario: churn\nchurn:\n  away: ''\n", 3, "churn.away: there is no value"},
		{"an empty threshold", "scenario: idle\nthresholds:\n  - login.p99<1s\n  -\n", 4, "thresholds.1: there is no value"},
		{"a key of another scenario", "scenario: steady\nstorm: {share: 5}\n", 2, "storm: the scenario steady does not use it: leave it out"},
		{"a rate of nothing", "scenario: idle\nclients: 5\nrate: 5\n", 3, "rate: the scenario idle does not use it"},
		{"a payload of nothing", "scenario: storm\npayload: 5\n", 2, "payload: the scenario storm does not use it"},
		{"no ACK to wait for", "scenario: push\ninFlight: 5\n", 2, "inFlight: the scenario push does not use it"},
		{"no stages", "scenario: idle\nstages: []\n", 2, "stages: there are none"},
		{"a stage without a length", "scenario: steady\nstages:\n  - {for: 1s}\n  - {rate: 5}\n", 4, "stages.1.for: a stage has to say how long it is"},
		{"a stage that is no time long", "scenario: steady\nstages:\n  - for: soon\n", 3, `stages.0.for: "soon" is not a time`},
		{"a stage without a rate to go to", "scenario: steady\nstages:\n  - for: 1s\n    ramp: linear\n", 4, "stages.0.ramp: the stage has no rate to go to"},
		{"another ramp", "scenario: steady\nstages:\n  - for: 1s\n    rate: 5\n    ramp: steep\n", 5, `stages.0.ramp: "steep" is unknown: use linear`},
		{"a stage of nothing", "scenario: steady\nstages:\n  - for: 1s\n    rate: 0\n", 4, "stages.0.rate: 0 a second is out of range"},
		{"a stage of nobody", "scenario: steady\nstages:\n  - for: 1s\n    clients: 0\n", 4, "stages.0.clients: 0 is out of range"},
		{"an unknown key of a stage", "scenario: steady\nstages:\n  - for: 1s\n    pace: 5\n", 4, `unknown key "pace"`},
		{"stages and their sum", "scenario: steady\nduration: 3s\nstages:\n  - for: 1s\n", 2, "duration: the stages say how long the run is"},
		{"stages of a storm", "scenario: storm\nstages:\n  - for: 1s\n", 2, "stages: the scenario storm does not use it"},
		{"no YAML", "scenario: [\n", 0, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse("s.yaml", []byte(test.text))
			refused, ok := errors.AsType[*strictyaml.FileError](err)
			if !ok || test.line > 0 && refused.Line != test.line || !strings.Contains(err.Error(), test.reason) || !strings.HasPrefix(err.Error(), "s.yaml:") {
				t.Errorf("got %v, want line %d: %s", err, test.line, test.reason)
			}
		})
	}
}

// What Check refuses is found in the file, unless a flag said it.
func TestScenarioLocates(t *testing.T) {
	s, err := Parse("s.yaml", []byte("scenario: storm\nclients: 0\nrampDown: -1s\nstorm:\n  share: 200\n"))
	if err != nil {
		t.Fatal(err)
	}
	never := func(string) bool { return false }
	for option, want := range map[string]string{
		"clients":     "s.yaml:2: clients: too low",
		"rampDown":    "s.yaml:3: rampDown: too low",
		"storm.share": "s.yaml:5: storm.share: too low",
		"rate":        "rate: too low",
	} {
		if got := s.Locate(&options.Error{Option: option, Reason: "too low"}, never); got.Error() != want {
			t.Errorf("%s: got %v, want %s", option, got, want)
		}
	}
	if got := s.Locate(&options.Error{Option: "clients", Reason: "too low"}, func(option string) bool { return option == "clients" }); got.Error() != "clients: too low" {
		t.Errorf("what a flag said is put down to the file: %v", got)
	}
	builtIn, err := Find("idle")
	if err != nil {
		t.Fatal(err)
	}
	if err := builtIn.Locate(nil, never); err != nil {
		t.Error(err)
	}
}

// What is wrong with a stage is found in its line.
func TestStagesAreChecked(t *testing.T) {
	for text, want := range map[string]string{
		"scenario: idle\nstages:\n  - for: 1s\n    rate: 5\n":                                   "s.yaml:4: stages.0.rate: the scenario idle does not go by a rate",
		"scenario: steady\nstages:\n  - for: 1s\n    rate: 0.0001\n":                            "s.yaml:4: stages.0.rate: 0.0001 a second is out of range",
		"scenario: steady\nstages:\n  - for: 1s\n    clients: -1\n":                             "s.yaml:4: stages.0.clients: -1 is out of range",
		"scenario: steady\nstages:\n  - for: 1s\n    clients: 1\n":                              "s.yaml:4: stages.0.clients: from 100 clients to 1",
		"scenario: steady\nstages:\n  - for: 1s\n  - for: 1ms\n":                                "s.yaml:4: stages.1.for: 1ms is out of range",
		"scenario: steady\nstages:\n  - for: 400h\n  - for: 400h\n":                             "s.yaml:2: stages: they take 800h0m0s together",
		"scenario: steady\nstages:\n  - {for: 25h, rate: 5, ramp: linear}\n":                    "s.yaml:3: stages.0.for: 25h0m0s is too long for a rate that changes evenly: use up to 24h0m0s",
		"scenario: churn\nstages:\n  - for: 1s\n    clients: 50\n":                              "s.yaml:4: stages.0.clients: a churn",
		"scenario: churn\nstages:\n  - for: 1s\n    rate: 80\n":                                 "s.yaml:4: stages.0.rate: at 80 a second each",
		"scenario: chat\nstages:\n  - {for: 10s, clients: 50}\n  - for: 1s\n    rate: 5\n":      "s.yaml:5: stages.1.rate: the scenario chat does not go by a rate",
		"scenario: push\nrate: 3\nstages:\n  - for: 1s\n  - {for: 9s, rate: 5, ramp: linear}\n": "",
	} {
		d, err := Parse("s.yaml", []byte(text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if err = d.Options.Check(d.Uses()); err == nil {
			err = d.Check(&d.Options, &target.Target{Control: "127.0.0.1:4"})
		}
		got := ""
		if err = d.Locate(err, func(string) bool { return false }); err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// A threshold that cannot be measured is found in the file; a flag adds to those
// of the file, so that one that is not there was given by a flag.
func TestScenarioLocatesThreshold(t *testing.T) {
	s, err := Parse("s.yaml", []byte("scenario: idle\nthresholds:\n  - login.p99<1s\n  - c2c_ack.p99<1s\n"))
	if err != nil {
		t.Fatal(err)
	}
	never := func(string) bool { return false }
	refused := func(text string) error {
		err := &verdict.UnmeasuredError{Text: text, Reason: "not measured"}
		return &options.Error{Option: options.Thresholds, Reason: err.Error(), Err: err}
	}
	if err := s.Locate(refused("c2c_ack.p99<1s"), never); err == nil || !strings.HasPrefix(err.Error(), "s.yaml:4: thresholds.1: ") {
		t.Errorf("of the file: %v", err)
	}
	if err := s.Locate(refused("c2c_ack.p99<2s"), never); err == nil || !strings.HasPrefix(err.Error(), "thresholds: ") {
		t.Errorf("of the flag: %v", err)
	}
}

func TestFind(t *testing.T) {
	for _, name := range Names() {
		s, err := Find(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Options.Check(s.Uses()); err != nil || s.Name() != name || s.Options.Scenario != name {
			t.Errorf("the built-in %s is %q: %v", name, s.Options.Scenario, err)
		}
		if err := s.Check(&s.Options, &target.Target{Control: "127.0.0.1:4"}); err != nil {
			t.Errorf("the built-in %s cannot be run: %v", name, err)
		}
	}
	file := filepath.Join(t.TempDir(), "mine.yaml")
	if err := os.WriteFile(file, []byte("scenario: idle\nclients: 3\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	if s, err := Find(file); err != nil || s.Options.Clients != 3 || s.Name() != "idle" {
		t.Errorf("got %+v, %v", s, err)
	}
	if _, err := Find("rain"); err == nil || !strings.Contains(err.Error(), "echo or mix, or a YAML file") {
		t.Errorf("got %v", err)
	}
	if _, err := Find(file + ".gone"); err == nil || !strings.Contains(err.Error(), "cannot be read: no such file") {
		t.Errorf("got %v", err)
	}
}
