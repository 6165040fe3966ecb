package options

import (
	"fmt"
	"slices"
	"time"

	"imcheck/loadgen/plan"
)

// Stage is a part of the time that counts, with a load of its own.
type Stage struct {
	For     time.Duration // at least a second
	Rate    float64       // at its end, as Options.Rate; 0 for that of the stage before
	Linear  bool          // the rate goes there evenly over the stage; else it is there from the begin
	Clients int           // clients that are logged in at its end; 0 for those of the stage before
}

// maxStages bounds the stages of a run.
const maxStages = 100

// writtenStage is a stage in a scenario file.
type writtenStage struct {
	For     string   `yaml:"for"`
	Rate    *float64 `yaml:"rate"`
	Ramp    string   `yaml:"ramp"`
	Clients *int     `yaml:"clients"`
}

// linear is the value of a stage's ramp.
const linear = "linear"

// setStages reads the stages of a file. The error is an *Error.
func setStages(into *[]Stage, written []writtenStage) error {
	if len(written) == 0 {
		return Refuse(Stages, "there are none: name one at least, or leave the key out")
	}
	stages := make([]Stage, len(written))
	for i, w := range written {
		if w.For == "" {
			return Refuse(stageKey(i, "for"), "a stage has to say how long it is, such as for: 1m")
		}
		var err error
		if stages[i].For, err = parseTime(w.For); err != nil {
			return Refuse(stageKey(i, "for"), "%v", err)
		}
		if w.Ramp != "" && w.Ramp != linear {
			return Refuse(stageKey(i, "ramp"), "%q is unknown: use %s, or leave it out for a rate that changes at once", w.Ramp, linear)
		}
		stages[i].Linear = w.Ramp == linear
		if stages[i].Linear && w.Rate == nil {
			return Refuse(stageKey(i, "ramp"), "the stage has no rate to go to: give one, or leave this out")
		}
		if w.Rate != nil {
			if stages[i].Rate = *w.Rate; *w.Rate == 0 {
				return Refuse(stageKey(i, "rate"), "%s", checkRate(0))
			}
		}
		if w.Clients != nil {
			if stages[i].Clients = *w.Clients; *w.Clients == 0 {
				return Refuse(stageKey(i, "clients"), "%s", checkClients(0))
			}
		}
	}
	*into = stages
	return nil
}

// stageKey returns the key of a part of a stage, which counts from 0.
func stageKey(i int, part string) string { return fmt.Sprintf("%s.%d.%s", Stages, i, part) }

// StagesTake returns how long the stages take together.
func (o *Options) StagesTake() (sum time.Duration) {
	for _, s := range o.Stages {
		sum += min(s.For, maxDuration+1) // none that is too long leads beyond an int64
	}
	return sum
}

// Population returns how many clients the run has, those that log in later included.
func (o *Options) Population() int {
	most := o.Clients
	for _, s := range o.Stages {
		most = max(most, s.Clients)
	}
	return most
}

// Plan returns the stages with what each takes over from the one before.
func (o *Options) Plan() (stages []plan.Stage) {
	before := plan.Stage{Rate: o.Rate, Clients: o.Clients}
	for _, s := range o.Stages {
		next := plan.Stage{For: s.For, Rate: before.Rate, Linear: s.Linear, Clients: before.Clients}
		if s.Rate != 0 {
			next.Rate = s.Rate
		}
		if s.Clients != 0 {
			next.Clients = s.Clients
		}
		stages = append(stages, next)
		before = next
	}
	return stages
}

// checkStages refuses stages that cannot be had, of a scenario that uses these keys.
func (o *Options) checkStages(keys []string) error {
	if len(o.Stages) == 0 {
		return nil
	}
	if !slices.Contains(keys, Stages) {
		return Refuse(Stages, "the scenario %s does not use them: leave them out", o.Scenario)
	}
	if len(o.Stages) > maxStages {
		return Refuse(Stages, "%d are too many: use up to %d", len(o.Stages), maxStages)
	}
	for i := range o.Stages {
		if err := o.checkStage(i, slices.Contains(keys, Rate)); err != nil {
			return err
		}
	}
	switch sum := o.StagesTake(); {
	case sum > maxDuration:
		return Refuse(Stages, "they take %v together: use %v at most", sum, maxDuration)
	case sum != o.Duration:
		return Refuse(Duration, "%v are not the %v that the stages take together: leave it out", o.Duration, sum)
	}
	return nil
}

func (o *Options) checkStage(i int, hasRate bool) error {
	s := o.Stages[i]
	if reason := timeBetween(s.For, minDuration, maxDuration); reason != "" {
		return Refuse(stageKey(i, "for"), "%s", reason)
	}
	if s.Linear && s.For > maxLinear {
		return Refuse(stageKey(i, "for"), "%v is too long for a rate that changes evenly: use up to %v, and further stages for the rest", s.For, maxLinear)
	}
	if s.Rate != 0 && !hasRate {
		return Refuse(stageKey(i, "rate"), "the scenario %s does not go by a rate: leave it out", o.Scenario)
	}
	if s.Rate != 0 && checkRate(s.Rate) != "" {
		return Refuse(stageKey(i, "rate"), "%s", checkRate(s.Rate))
	}
	if s.Clients == 0 {
		return nil
	}
	if reason := checkClients(s.Clients); reason != "" {
		return Refuse(stageKey(i, "clients"), "%s", reason)
	}
	if min(s.Clients, o.Clients) < plan.MinGroup && s.Clients != o.Clients {
		return Refuse(stageKey(i, "clients"), "from %d clients to %d: where the number changes, use %d at least in each stage", o.Clients, s.Clients, plan.MinGroup)
	}
	return nil
}
