// Package scenario has what the clients of a load can do, one file each, and reads the
// files in which users describe a load.
//
// All scenarios but echo follow an open model: what happens when is fixed in advance, and
// neither a late generator nor a late server stretches it. Echo is a closed loop.
package scenario

import (
	"fmt"
	"strings"

	"imcheck/harness/target"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/reports"
)

// Scenario describes what the clients of a load do besides keeping their heartbeat. A
// new one is a file with an implementation, and an entry in All; Behaviour is for one
// whose clients do more than send by a pattern.
type Scenario interface {
	// Name returns the name in flags, files and reports.
	Name() string
	// Uses lists the keys of the options that it looks at besides the common ones.
	Uses() []string
	// Adjust changes defaults that do not suit it.
	Adjust(o *options.Options)
	// Check refuses what it cannot do, of options that are within their bounds. The
	// error is an *options.Error.
	Check(o *options.Options, t *target.Target) error
	// Pattern describes what is due.
	Pattern(o *options.Options) plan.Pattern
	// Flows lists the flows of its messages.
	Flows() []plan.Flow
	// Latencies lists the kinds of latency that it measures besides login and heartbeat.
	Latencies() []reports.LatencyKind
	// ClosedLoop reports whether clients wait for an answer before they ask again, so
	// that nothing has a due time.
	ClosedLoop() bool
	// Recovers reports whether it drops clients and measures how they come back.
	Recovers() bool
	// Outage returns when the network is away, by the scenario's doing; the zero value for
	// never.
	Outage(o *options.Options) plan.Outage
	// Abandons lists the clients whose connections may be abandoned, and stay open beside their
	// new ones.
	Abandons(o *options.Options, s *plan.Schedule) []plan.Client
	// Together reports whether all clients have to be in one process, as something is
	// measured of several of them.
	Together() bool
	// StoresMessages reports whether it sends messages that the target is to store, for
	// which users need the names that it stores messages for.
	StoresMessages() bool

	// Behave returns what a worker does besides sending what the pattern has due.
	Behave(Worker) Behaviour
	// Feed returns what has the target send messages; nil when clients send them all.
	Feed(*Run) Feed
	// Report enters what the behaviours of all workers know and no books have.
	Report(r *Run, parts []Behaviour, into *reports.Load)
}

// All are the scenarios but mixes of them, in the order in which they are listed.
var All = []Scenario{Steady{}, Idle{}, Chat{}, FanOut{}, Push{}, Storm{}, Churn{}, Backlog{}, Echo{}}

// builtInMix are the parts of a mix about which nothing is said.
var builtInMix = []options.MixPart{{Scenario: "idle", Weight: 90}, {Scenario: "chat", Weight: 8}, {Scenario: "churn", Weight: 2}}

// Names are the names of all scenarios.
func Names() (names []string) {
	for _, s := range All {
		names = append(names, s.Name())
	}
	return append(names, mixName)
}

// Named returns the scenario of a name. The error is an *options.Error.
func Named(name string) (Scenario, error) {
	for _, s := range All {
		if s.Name() == name {
			return s, nil
		}
	}
	if name == mixName {
		return newMix(builtInMix)
	}
	names := Names()
	last := len(names) - 1
	return nil, &options.Error{Option: options.Scenario, Reason: fmt.Sprintf("%q is unknown: use %s or %s, or a YAML file", name, strings.Join(names[:last], ", "), names[last])}
}

// Of returns the scenario of options. The error is an *options.Error.
func Of(o *options.Options) (Scenario, error) {
	if o.Scenario == mixName && len(o.Mix) > 0 {
		return newMix(o.Mix)
	}
	return Named(o.Scenario)
}

// Defaults returns the options of a scenario about which nothing else is said.
func Defaults(s Scenario) options.Options {
	o := options.Defaults(s.Name())
	s.Adjust(&o)
	return o
}

// Latencies lists all kinds of latency that a scenario measures.
func Latencies(s Scenario) []reports.LatencyKind {
	return append([]reports.LatencyKind{reports.KindLogin, reports.KindHeartbeat}, s.Latencies()...)
}

// UsesPayload reports whether a scenario has messages whose size can be chosen.
func UsesPayload(s Scenario) bool { return options.Uses(s.Uses(), options.Payload) }

// common implements Scenario as most scenarios do.
type common struct{}

func (common) Adjust(*options.Options)                                 {}
func (common) Check(*options.Options, *target.Target) error            { return nil }
func (common) Flows() []plan.Flow                                      { return []plan.Flow{plan.ToServer, plan.ToClient} }
func (common) Latencies() []reports.LatencyKind                        { return nil }
func (common) Pattern(*options.Options) (nothing plan.Pattern)         { return nothing }
func (common) ClosedLoop() bool                                        { return false }
func (common) Recovers() bool                                          { return false }
func (common) Outage(*options.Options) (never plan.Outage)             { return never }
func (common) Abandons(*options.Options, *plan.Schedule) []plan.Client { return nil }
func (common) Together() bool                                          { return false }
func (common) StoresMessages() bool                                    { return false }
func (common) Behave(Worker) Behaviour                                 { return Passive{} }
func (common) Feed(*Run) Feed                                          { return nil }
func (common) Report(*Run, []Behaviour, *reports.Load)                 {}
