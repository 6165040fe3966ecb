package scenario

import (
	"errors"
	"slices"
	"strings"
	"time"

	"imcheck/harness/target"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// Mix divides the clients into parts, each of which does what another scenario says.
type Mix struct {
	common
	parts []mixPart
}

// mixPart is a scenario of a mix.
type mixPart struct {
	Scenario
	weight float64
}

// mixName is the name of the mix.
const mixName = "mix"

// newMix returns a mix of other scenarios. The error is an *options.Error.
func newMix(parts []options.MixPart) (Mix, error) {
	var m Mix
	for _, p := range parts {
		key := options.Mix + "." + p.Scenario
		i := slices.IndexFunc(All, func(s Scenario) bool { return s.Name() == p.Scenario })
		switch {
		case i < 0 || p.Scenario == mixName:
			return Mix{}, options.Refuse(key, "%q is unknown: use %s", p.Scenario, strings.Join(mixable(), ", "))
		case All[i].ClosedLoop():
			return Mix{}, options.Refuse(key, "%s is a closed loop, in which nothing is due, and cannot be in a mix: run it on its own", p.Scenario)
		}
		m.parts = append(m.parts, mixPart{All[i], p.Weight})
	}
	return m, nil
}

// mixable lists the scenarios that can be in a mix.
func mixable() (names []string) {
	for _, s := range All {
		if s.Name() != mixName && !s.ClosedLoop() {
			names = append(names, s.Name())
		}
	}
	return names
}

// Name implements Scenario.
func (Mix) Name() string { return mixName }

// rated lists the parts that go by a rate.
func (m Mix) rated() (names []string) {
	for _, p := range m.parts {
		if slices.Contains(p.Uses(), options.Rate) {
			names = append(names, p.Name())
		}
	}
	return names
}

// Uses implements Scenario. A part has its own rate in place of the rate of all.
func (m Mix) Uses() []string {
	keys := []string{options.Mix}
	if len(m.rated()) > 0 {
		keys = append(keys, options.MixRates)
	}
	for _, p := range m.parts {
		for _, key := range p.Uses() {
			if key != options.Rate && key != options.Stages && !slices.Contains(keys, key) {
				keys = append(keys, key)
			}
		}
	}
	return keys
}

// optionsOf returns the options of a part, by its index. Without a rate of its own it has
// the usual one of its scenario, for as many clients.
func (m Mix) optionsOf(o *options.Options, part int) *options.Options {
	own := *o
	p := m.parts[part]
	own.Scenario, own.Clients, own.Mix = p.Name(), m.counts(o)[part], nil
	if slices.Contains(p.Uses(), options.Rate) {
		usual := Defaults(p.Scenario)
		own.Rate = usual.Rate * float64(own.Clients) / float64(usual.Clients)
		if i := slices.IndexFunc(o.MixRates, func(r options.MixRate) bool { return r.Scenario == p.Name() }); i >= 0 {
			own.Rate = o.MixRates[i].Rate
		}
	}
	return &own
}

// counts returns how many clients each part has.
func (m Mix) counts(o *options.Options) []int {
	weights := make([]float64, len(m.parts))
	for i, p := range m.parts {
		weights[i] = p.weight
	}
	return plan.Apportioned(o.Clients, weights)
}

// Check implements Scenario.
func (m Mix) Check(o *options.Options, t *target.Target) error {
	if o.Clients < 2*len(m.parts) {
		return options.Refuse(options.Clients, "%d are too few for the %d parts of the mix, which have two at least: use more", o.Clients, len(m.parts))
	}
	for i, count := range m.counts(o) {
		p := m.parts[i]
		if count == 0 {
			return options.Refuse(options.Mix+"."+p.Name(), "%v of the weights leave none of %d clients for it: use more clients or a greater weight", p.weight, o.Clients)
		}
		err := p.Check(m.optionsOf(o, i), t)
		if refused, ok := errors.AsType[*options.Error](err); ok && refused.Option == options.Rate {
			return options.Refuse(options.MixRates+"."+p.Name(), "%s", refused.Reason)
		}
		if err != nil {
			return err
		}
	}
	for _, p := range m.parts {
		if m.Recovers() && !p.Recovers() && slices.Contains(p.Latencies(), reports.KindRelogin) {
			return options.Refuse(options.Mix+"."+p.Name(), "%s and a storm both measure how clients log in again, under one name: leave one of them out", p.Name())
		}
	}
	for _, r := range o.MixRates {
		if !slices.Contains(m.rated(), r.Scenario) {
			return options.Refuse(options.MixRates+"."+r.Scenario, "no part of the mix that goes by a rate is called so: use %s", strings.Join(m.rated(), ", "))
		}
	}
	return nil
}

// Pattern implements Scenario.
func (m Mix) Pattern(o *options.Options) plan.Pattern {
	parts := make([]plan.Part, len(m.parts))
	for i, p := range m.parts {
		parts[i] = plan.Part{Weight: p.weight, Pattern: p.Pattern(m.optionsOf(o, i))}
	}
	return plan.Mixed(parts)
}

// Flows implements Scenario.
func (m Mix) Flows() (flows []plan.Flow) {
	for _, p := range m.parts {
		if UsesPayload(p.Scenario) {
			flows = append(flows, p.Flows()...)
		}
	}
	if flows == nil {
		return m.common.Flows()
	}
	slices.Sort(flows)
	return slices.Compact(flows)
}

// Latencies implements Scenario.
func (m Mix) Latencies() (kinds []reports.LatencyKind) {
	for _, p := range m.parts {
		for _, kind := range p.Latencies() {
			if !slices.Contains(kinds, kind) {
				kinds = append(kinds, kind)
			}
		}
	}
	return kinds
}

// Recovers implements Scenario.
func (m Mix) Recovers() bool {
	return slices.ContainsFunc(m.parts, func(p mixPart) bool { return p.Recovers() })
}

// Outage implements Scenario: one part at most has one.
func (m Mix) Outage(o *options.Options) (never plan.Outage) {
	for i, p := range m.parts {
		if when := p.Outage(m.optionsOf(o, i)); when.Any() {
			return when
		}
	}
	return never
}

// Abandons implements Scenario.
func (m Mix) Abandons(o *options.Options, s *plan.Schedule) (clients []plan.Client) {
	for i, p := range m.parts {
		clients = append(clients, p.Abandons(m.optionsOf(o, i), &s.Parts()[i])...)
	}
	return clients
}

// Together implements Scenario.
func (m Mix) Together() bool {
	return slices.ContainsFunc(m.parts, func(p mixPart) bool { return p.Together() })
}

// StoresMessages implements Scenario.
func (m Mix) StoresMessages() bool {
	return slices.ContainsFunc(m.parts, func(p mixPart) bool { return p.StoresMessages() })
}

// runOf returns the run of a part, in which its clients are all there are.
func (m Mix) runOf(r *Run, part int) *Run {
	own := *r
	own.Options, own.Schedule = m.optionsOf(r.Options, part), r.Schedule.Parts()[part]
	return &own
}

// Behave implements Scenario.
func (m Mix) Behave(w Worker) Behaviour {
	r := w.Run()
	b := &mixed{partOf: make([]uint8, w.Clients())}
	for client := range plan.Client(r.Schedule.Clients()) {
		if slot, ok := w.Slot(client); ok {
			b.partOf[slot] = uint8(r.Schedule.PartOf(client))
		}
	}
	for i, p := range m.parts {
		b.parts = append(b.parts, p.Behave(partWorker{w, m.runOf(r, i)}))
	}
	return b
}

// Feed implements Scenario: one scenario at most has one.
func (m Mix) Feed(r *Run) Feed {
	for i, p := range m.parts {
		if feed := p.Feed(m.runOf(r, i)); feed != nil {
			return feed
		}
	}
	return nil
}

// Report implements Scenario.
func (m Mix) Report(r *Run, behaviours []Behaviour, into *reports.Load) {
	for i, p := range m.parts {
		own := make([]Behaviour, len(behaviours))
		for w, b := range behaviours {
			own[w] = b.(*mixed).parts[i]
		}
		p.Report(m.runOf(r, i), own, into)
	}
}

// Parts returns the parts of a mix for its report; nil of another scenario.
func Parts(s Scenario, o *options.Options) (parts []reports.Part) {
	m, ok := s.(Mix)
	if !ok {
		return nil
	}
	for i, count := range m.counts(o) {
		p := m.parts[i]
		part := reports.Part{Scenario: p.Name(), Weight: p.weight, Clients: count}
		if slices.Contains(p.Uses(), options.Rate) {
			part.RatePerSecond = m.optionsOf(o, i).Rate
		}
		parts = append(parts, part)
	}
	return parts
}

// partWorker is a worker as a part of a mix sees it.
type partWorker struct {
	Worker
	run *Run
}

// Run implements Worker.
func (w partWorker) Run() *Run { return w.run }

// mixed is the behaviour of a mix: those of its parts.
type mixed struct {
	parts  []Behaviour
	partOf []uint8 // by slot
}

// of returns the behaviour of the part that a client belongs to.
func (b *mixed) of(slot plan.Slot) Behaviour { return b.parts[b.partOf[slot]] }

// Step implements Behaviour.
func (b *mixed) Step(now time.Duration) {
	for _, p := range b.parts {
		p.Step(now)
	}
}

// Next implements Behaviour.
func (b *mixed) Next() (due time.Duration, ok bool) {
	for _, p := range b.parts {
		if next, also := p.Next(); also && (!ok || next < due) {
			due, ok = next, true
		}
	}
	return due, ok
}

// LoggedIn implements Behaviour.
func (b *mixed) LoggedIn(l Login) { b.of(l.Slot).LoggedIn(l) }

// Heard implements Behaviour.
func (b *mixed) Heard(slot plan.Slot, now time.Duration, m wire.Message) (asked bool) {
	return b.of(slot).Heard(slot, now, m)
}

// Delivered implements Behaviour.
func (b *mixed) Delivered(slot plan.Slot, now time.Duration, m wire.Message) {
	b.of(slot).Delivered(slot, now, m)
}

// Busy implements Behaviour.
func (b *mixed) Busy() bool {
	return slices.ContainsFunc(b.parts, Behaviour.Busy)
}

// Stop implements Behaviour.
func (b *mixed) Stop(at time.Duration) {
	for _, p := range b.parts {
		p.Stop(at)
	}
}

// End implements Behaviour.
func (b *mixed) End() {
	for _, p := range b.parts {
		p.End()
	}
}
