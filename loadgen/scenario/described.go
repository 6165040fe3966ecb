package scenario

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"imcheck/harness/strictyaml"
	"imcheck/loadgen/options"
	"imcheck/reports/verdict"
)

// Described is a load as a file describes it, or as it is built in.
type Described struct {
	Scenario
	Options    options.Options
	Thresholds []verdict.Threshold

	path string
	root *yaml.Node // nil of a built-in one
}

// Find returns the built-in scenario of that name, or the one that a file describes. The
// error is an *options.Error or a *strictyaml.FileError.
func Find(name string) (*Described, error) {
	s, unknown := Named(name)
	if unknown == nil {
		return &Described{Scenario: s, Options: Defaults(s)}, nil
	}
	text, err := strictyaml.ReadFile(name, "the scenario")
	switch {
	case errors.Is(err, os.ErrNotExist) && !strings.ContainsAny(name, "./\\"):
		return nil, unknown
	case err != nil:
		return nil, err
	}
	return Parse(name, text)
}

// help is a hint for errors about unknown keys.
const help = "\"imcheck load --example-scenario\" prints every key with an explanation"

// Parse reads a scenario file; path is what errors call it. The error is a
// *strictyaml.FileError.
func Parse(path string, text []byte) (*Described, error) {
	file, err := options.Decode(text, help)
	if mistake, ok := errors.AsType[*strictyaml.Error](err); ok {
		return nil, &strictyaml.FileError{Path: path, Line: mistake.Line, Reason: mistake.Reason, Err: err}
	}
	if file.Root == nil {
		return nil, &strictyaml.FileError{Path: path, Reason: "the scenario is empty: " + help}
	}
	r := &reader{&strictyaml.Reader{Path: path, Root: file.Root}, file}
	r.RejectEmpty()
	s := r.scenario()
	if err := r.Err(); err != nil {
		return nil, err
	}
	r.rejectUnused(s)
	d := &Described{Scenario: s, Options: Defaults(s), path: path, root: file.Root}
	r.read(d)
	if err := r.Err(); err != nil {
		return nil, err
	}
	return d, nil
}

// reader makes a load of a file.
type reader struct {
	*strictyaml.Reader
	file *options.File
}

// scenario returns what the file names, nil when that cannot be used.
func (r *reader) scenario() Scenario {
	if r.file.Scenario == "" {
		r.Reject(errors.New("say what the clients do: use "+strings.Join(Names(), ", ")), options.Scenario)
		return nil
	}
	s, err := r.named()
	if refused, ok := errors.AsType[*options.Error](err); ok {
		r.Reject(errors.New(refused.Reason), strings.Split(refused.Option, ".")...)
	}
	return s
}

// named returns the scenario of the file's name; a mix has the parts that the file says.
func (r *reader) named() (Scenario, error) {
	o := options.Options{Scenario: r.file.Scenario}
	for _, option := range options.All {
		if option.Key == options.Mix && r.file.Scenario == mixName {
			if err := r.file.Set(option, &o); err != nil {
				return nil, err
			}
		}
	}
	return Of(&o)
}

// rejectUnused refuses keys that the scenario does not look at.
func (r *reader) rejectUnused(s Scenario) {
	for i := 0; i+1 < len(r.file.Root.Content); i += 2 {
		if key := r.file.Root.Content[i].Value; !options.Uses(s.Uses(), key) {
			r.Reject(fmt.Errorf("the scenario %s does not use it: leave it out", s.Name()), key)
		}
	}
}

func (r *reader) read(d *Described) {
	for _, o := range options.All {
		if !o.UsedBy(d.Uses()) {
			continue
		}
		err := r.file.Set(o, &d.Options)
		if part, ok := errors.AsType[*options.Error](err); ok {
			r.Reject(errors.New(part.Reason), strings.Split(part.Option, ".")...)
		} else if err != nil {
			r.Reject(err, strings.Split(o.Key, ".")...)
		}
	}
	r.readStages(d)
	for i, text := range r.file.Thresholds {
		t, err := verdict.ParseThreshold(text)
		if err != nil {
			r.Reject(err, options.Thresholds, strconv.Itoa(i))
		}
		d.Thresholds = append(d.Thresholds, t)
	}
}

// readStages takes the duration from the stages, which say how long each is.
func (r *reader) readStages(d *Described) {
	if len(d.Options.Stages) == 0 {
		return
	}
	if strictyaml.Has(r.file.Root, options.Duration) {
		r.Reject(errors.New("the stages say how long the run is: leave it out, or the stages"), options.Duration)
	}
	d.Options.Duration = d.Options.StagesTake()
}

// Sets reports whether the file has a key, such as that of an option.
func (d *Described) Sets(key string) bool {
	return d.root != nil && strictyaml.Has(d.root, strings.Split(key, ".")...)
}

// Locate turns what a check says of a value that comes from the file into an error that
// names its line. given reports whether an option was set besides the file.
func (d *Described) Locate(err error, given func(option string) bool) error {
	refused, ok := errors.AsType[*options.Error](err)
	if !ok || d.root == nil || given(refused.Option) {
		return err
	}
	keys := strings.Split(refused.Option, ".")
	if unmeasured, ok := errors.AsType[*verdict.UnmeasuredError](refused.Err); ok {
		i := slices.IndexFunc(d.Thresholds, func(t verdict.Threshold) bool { return t.String() == unmeasured.Text })
		if i < 0 {
			return err // it was given besides the file
		}
		keys = append(keys, strconv.Itoa(i))
	}
	if !strictyaml.Has(d.root, strings.Split(refused.Option, ".")...) {
		return err
	}
	return &strictyaml.FileError{Path: d.path, Line: strictyaml.LineOf(d.root, keys...), Reason: strings.Join(keys, ".") + ": " + refused.Reason, Err: err}
}
