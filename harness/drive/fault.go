package drive

import (
	"fmt"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/client"
	"imcheck/protocol/wire"
)

type (
	receiver = func(m wire.Message) (wire.Message, bool)
	changer  = func(effects []client.Effect) []client.Effect
)

// Fault is a way in which the client misbehaves. Any of its functions may be nil. What
// Receive and Effects return belongs to one driver, so that it can count.
type Fault struct {
	Name string
	Does string // what the client does, in one sentence

	Policy  func(p *client.Policy, c client.Config)
	Receive func() func(m wire.Message) (wire.Message, bool)
	Effects func() func(effects []client.Effect) []client.Effect
	// Both returns a Receive and an Effects that know of each other.
	Both func() (receiver, changer)
	// Network replaces the network that the client connects over.
	Network func(n transport.Network) transport.Network
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

// plan has the faults of one driver.
type plan struct {
	policies  []func(p *client.Policy, c client.Config)
	receivers []receiver
	changers  []changer
	networks  []func(n transport.Network) transport.Network
	restarts  []func(last client.EffectKind) (time.Duration, bool)
	last      client.EffectKind // the latest effect that was reported
}

func newPlan(faults []Fault) *plan {
	p := &plan{}
	for _, f := range faults {
		if f.Policy != nil {
			p.policies = append(p.policies, f.Policy)
		}
		if f.Receive != nil {
			p.receivers = append(p.receivers, f.Receive())
		}
		if f.Effects != nil {
			p.changers = append(p.changers, f.Effects())
		}
		if f.Both != nil {
			receive, change := f.Both()
			p.receivers, p.changers = append(p.receivers, receive), append(p.changers, change)
		}
		if f.Network != nil {
			p.networks = append(p.networks, f.Network)
		}
		if f.Again != nil {
			p.restarts = append(p.restarts, f.Again)
		}
	}
	return p
}

// policy returns the policy for a configuration; nil for that of the rules.
func (p *plan) policy(c client.Config) *client.Policy {
	own := &client.Policy{}
	for _, change := range p.policies {
		change(own, c)
	}
	if *own == (client.Policy{}) {
		return nil
	}
	return own
}

// network returns the network to connect over in place of another.
func (p *plan) network(n transport.Network) transport.Network {
	for _, replace := range p.networks {
		n = replace(n)
	}
	return n
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
