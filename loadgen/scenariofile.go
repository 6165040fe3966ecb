package loadgen

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"imcheck/harness/strictyaml"
	"imcheck/reports/verdict"
)

// Scenario is a load as a file describes it, or as it is built in: a Config
// without a target.
type Scenario struct {
	Config
	path string
	root *yaml.Node // nil of a built-in one
}

// ScenarioError says what is wrong with a scenario file, and where.
type ScenarioError struct {
	Path   string
	Line   int // 0 when the file as a whole is meant
	Reason string
	Err    error // what lies behind it; may be nil
}

func (e *ScenarioError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.Path, e.Reason)
	}
	return fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.Reason)
}

// Unwrap gives what lies behind it.
func (e *ScenarioError) Unwrap() error { return e.Err }

// BuiltIn is a scenario as it is without a file. The name is one of Scenarios.
func BuiltIn(name string) *Scenario {
	c := Config{
		Scenario: name, Clients: 100, Ramp: 5 * time.Second, Warmup: time.Second, Duration: 30 * time.Second,
		Rate: 100, Payload: 100, Seed: 1, Workload: DefaultWorkload,
	}
	switch name {
	case ScenarioChurn:
		c.Rate = 10 // of 100 clients each leaves every 10 s
	case ScenarioEcho:
		c.ThinkTime = 0
	}
	return &Scenario{Config: c}
}

// FindScenario is the built-in scenario of that name, or the one that a file
// describes. The error is a *ConfigError or a *ScenarioError.
func FindScenario(name string) (*Scenario, error) {
	unknown := checkScenario(name)
	if unknown == nil {
		return BuiltIn(name), nil
	}
	text, err := os.ReadFile(name)
	switch {
	case errors.Is(err, os.ErrNotExist) && !strings.ContainsAny(name, "./\\"):
		return nil, unknown
	case err != nil:
		return nil, &ScenarioError{Path: name, Reason: fmt.Sprintf("the scenario cannot be read: %v", errors.Unwrap(err)), Err: err}
	}
	return ParseScenario(name, text)
}

// scenarioFile is the file as it is written.
type scenarioFile struct {
	Scenario   string   `yaml:"scenario"`
	Clients    *int     `yaml:"clients"`
	Ramp       string   `yaml:"ramp"`
	Warmup     string   `yaml:"warmup"`
	Duration   string   `yaml:"duration"`
	RampDown   string   `yaml:"rampDown"`
	Rate       *float64 `yaml:"rate"`
	Payload    *int     `yaml:"payload"`
	Seed       *int64   `yaml:"seed"`
	InFlight   *int     `yaml:"inFlight"`
	Thresholds []string `yaml:"thresholds"`
	Chat       struct {
		ThinkTime string `yaml:"thinkTime"`
		Groups    []int  `yaml:"groups"`
	} `yaml:"chat"`
	Storm struct {
		Share *float64 `yaml:"share"`
		At    string   `yaml:"at"`
	} `yaml:"storm"`
	Churn struct {
		Away string `yaml:"away"`
	} `yaml:"churn"`
	Echo struct {
		ThinkTime string `yaml:"thinkTime"`
	} `yaml:"echo"`
}

// scenarioHelp is what an unknown key is answered with.
const scenarioHelp = "fixtures/scenarios/example.yaml explains every key"

// ParseScenario reads a scenario; path is what errors call it. The error is a
// *ScenarioError.
func ParseScenario(path string, text []byte) (*Scenario, error) {
	var file scenarioFile
	root, err := strictyaml.Decode(text, &file, scenarioHelp)
	if mistake, ok := errors.AsType[*strictyaml.Error](err); ok {
		return nil, &ScenarioError{path, mistake.Line, mistake.Reason, err}
	}
	if root == nil {
		return nil, &ScenarioError{Path: path, Reason: "the scenario is empty: " + scenarioHelp}
	}
	r := &scenarioReader{path: path, root: root}
	if empty := strictyaml.FindEmpty(root); empty != nil {
		r.reject(strictyaml.ErrEmpty, empty...)
	}
	if file.Scenario == "" {
		r.reject(errors.New("say what the clients do: use "+strings.Join(Scenarios, ", ")), "scenario")
	} else if err := checkScenario(file.Scenario); err != nil {
		r.reject(errors.New(err.(*ConfigError).Reason), "scenario")
	}
	r.rejectUnused(file.Scenario)
	s := BuiltIn(file.Scenario)
	s.path, s.root = path, root
	r.read(&s.Config, &file)
	if r.problem != nil {
		return nil, r.problem
	}
	return s, nil
}

// scenarioReader makes a Config of a file. Of several problems it keeps the
// first.
type scenarioReader struct {
	path    string
	root    *yaml.Node
	problem *ScenarioError
}

func (r *scenarioReader) reject(err error, keys ...string) {
	if r.problem == nil {
		r.problem = &ScenarioError{r.path, strictyaml.LineOf(r.root, keys...), strings.Join(keys, ".") + ": " + err.Error(), err}
	}
}

// rejectUnused refuses keys that the scenario does not look at.
func (r *scenarioReader) rejectUnused(scenario string) {
	for i := 0; i+1 < len(r.root.Content); i += 2 {
		if key := r.root.Content[i].Value; !Uses(scenario, key) {
			r.reject(fmt.Errorf("the scenario %s does not use it: leave it out", scenario), key)
		}
	}
}

func (r *scenarioReader) read(c *Config, file *scenarioFile) {
	set(&c.Clients, file.Clients)
	r.duration(&c.Ramp, file.Ramp, "ramp")
	r.duration(&c.Warmup, file.Warmup, "warmup")
	r.duration(&c.Duration, file.Duration, "duration")
	r.duration(&c.RampDown, file.RampDown, "rampDown")
	set(&c.Rate, file.Rate)
	set(&c.Payload, file.Payload)
	set(&c.Seed, file.Seed)
	set(&c.InFlight, file.InFlight)
	set(&c.StormShare, file.Storm.Share)
	r.duration(&c.StormAt, file.Storm.At, "storm", "at")
	r.duration(&c.Away, file.Churn.Away, "churn", "away")
	if file.Chat.Groups != nil {
		c.Groups = file.Chat.Groups
	}
	switch c.Scenario { // each has a think time of its own
	case ScenarioChat:
		r.duration(&c.ThinkTime, file.Chat.ThinkTime, "chat", "thinkTime")
	case ScenarioEcho:
		r.duration(&c.ThinkTime, file.Echo.ThinkTime, "echo", "thinkTime")
	}
	for i, text := range file.Thresholds {
		t, err := verdict.ParseThreshold(text)
		if err != nil {
			r.reject(err, "thresholds", strconv.Itoa(i))
		}
		c.Thresholds = append(c.Thresholds, t)
	}
}

func set[T any](into, value *T) {
	if value != nil {
		*into = *value
	}
}

func (r *scenarioReader) duration(into *time.Duration, text string, keys ...string) {
	if text == "" {
		return
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		r.reject(fmt.Errorf("%q is no time: write it as 100ms or 5s", text), keys...)
	}
	*into = d
}

// KeyOf returns the key of a scenario file that sets the same as a flag of load,
// which has no dashes before it.
func KeyOf(flag string) string { return keyNames.Replace(flag) }

// keyNames makes the key of a file of a flag.
var keyNames = strings.NewReplacer("ramp-down", "rampDown", "in-flight", "inFlight")

// Locate turns what Check says of a value that comes from the file into an
// error that names its line. given is whether a flag overrides the file.
func (s *Scenario) Locate(err error, given func(flag string) bool) error {
	refused, ok := errors.AsType[*ConfigError](err)
	if !ok || s.root == nil {
		return err
	}
	if refused.Flag == thresholdFlag {
		return s.locateThreshold(err, refused)
	}
	flag, isFlag := strings.CutPrefix(refused.Flag, "--")
	if isFlag && given(flag) {
		return err
	}
	keys := strings.Split(KeyOf(flag), ".")
	if !strictyaml.Has(s.root, keys...) {
		return err
	}
	return &ScenarioError{s.path, strictyaml.LineOf(s.root, keys...), strings.Join(keys, ".") + ": " + refused.Reason, err}
}

// locateThreshold finds the threshold that a run cannot measure in the file. One
// that is not there was given by a flag, which adds to those of the file.
func (s *Scenario) locateThreshold(err error, refused *ConfigError) error {
	unmeasured, ok := errors.AsType[*verdict.UnmeasuredError](s.measured().Check(s.Thresholds))
	if !ok {
		return err
	}
	keys := []string{"thresholds", strconv.Itoa(unmeasured.Index)}
	return &ScenarioError{s.path, strictyaml.LineOf(s.root, keys...), strings.Join(keys, ".") + ": " + refused.Reason, err}
}
