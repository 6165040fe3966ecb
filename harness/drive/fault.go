package drive

import (
	"fmt"
	"time"

	"imcheck/protocol/client"
	"imcheck/protocol/wire"
)

// Fault is a way in which the client misbehaves. Any of its functions may be nil. What
// they return belongs to one login, so that it can count.
type Fault struct {
	Name string
	Does string // what the client does, in one sentence

	Policy  func(p *client.Policy, c client.Config)
	Receive func() func(m wire.Message) (wire.Message, bool)
	Effects func() func(effects []client.Effect) []client.Effect
	// Again is called with the effect that ended a client, and says whether and after
	// which pause it starts again.
	Again func(last client.EffectKind) (time.Duration, bool)
}

// Find returns the faults with names. The error names one that is not there.
func Find(names []string) (found []Fault, err error) {
	for _, name := range names {
		fault, ok := byName(name)
		if !ok {
			return nil, fmt.Errorf("unknown fault %q: --list-faults names them", name)
		}
		found = append(found, fault)
	}
	return found, nil
}

func byName(name string) (Fault, bool) {
	for _, f := range Faults() {
		if f.Name == name {
			return f, true
		}
	}
	return Fault{}, false
}

// plan has the faults of one login.
type plan struct {
	receivers []func(m wire.Message) (wire.Message, bool)
	changers  []func(effects []client.Effect) []client.Effect
	restarts  []func(last client.EffectKind) (time.Duration, bool)
	last      client.EffectKind // the latest effect that was reported
}

// planFor sets the policy of a configuration, and returns what else the faults do.
func planFor(faults []Fault, config *client.Config) *plan {
	p := &plan{}
	policy := client.Policy{}
	for _, f := range faults {
		if f.Policy != nil {
			f.Policy(&policy, *config)
		}
		if f.Receive != nil {
			p.receivers = append(p.receivers, f.Receive())
		}
		if f.Effects != nil {
			p.changers = append(p.changers, f.Effects())
		}
		if f.Again != nil {
			p.restarts = append(p.restarts, f.Again)
		}
	}
	if policy != (client.Policy{}) {
		config.Policy = &policy
	}
	return p
}

func (p *plan) receive(m wire.Message) (_ wire.Message, ok bool) {
	for _, change := range p.receivers {
		if m, ok = change(m); !ok {
			return m, false
		}
	}
	return m, true
}

func (p *plan) effects(effects []client.Effect) []client.Effect {
	for _, change := range p.changers {
		effects = change(effects)
	}
	return effects
}

func (p *plan) note(e client.Effect) { p.last = e.Kind }

func (p *plan) again() (pause time.Duration, ok bool) {
	for _, restart := range p.restarts {
		if pause, ok := restart(p.last); ok {
			return pause, true
		}
	}
	return 0, false
}
