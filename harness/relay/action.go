package relay

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"imcheck/harness/transport/impair"
)

// ActionKind is a thing that a relay does to the connections through it.
type ActionKind string

// The kinds of action.
const (
	Rebind   ActionKind = "rebind"    // a client on UDP comes from another port from now on
	HalfOpen ActionKind = "half-open" // streams that are open carry nothing more, and no end
	Reset    ActionKind = "reset"     // streams that are open are reset at both ends
	Stall    ActionKind = "stall"     // nothing passes for a time, and nothing is lost
	Outage   ActionKind = "outage"    // the network is away for a time: datagrams are lost, streams wait
	Impair   ActionKind = "impair"    // the impairment is another one from now on
)

// Action is a command to a relay.
type Action struct {
	Kind   ActionKind
	For    time.Duration // of a stall or an outage
	Policy impair.Policy // of Impair
	text   string
}

// ActionGrammar describes an action in one line, for help and error texts.
const ActionGrammar = "rebind, half-open, reset, stall TIME, outage TIME, impair SPEC or impair none"

// maxHold is the longest stall or outage.
const maxHold = time.Hour

// String returns the action as it was written.
func (a Action) String() string { return a.text }

// ParseAction parses an action, such as "stall 5s".
func ParseAction(text string) (Action, error) {
	text = strings.Join(strings.Fields(text), " ")
	name, rest, _ := strings.Cut(text, " ")
	a := Action{Kind: ActionKind(name), text: text}
	switch a.Kind {
	case Rebind, HalfOpen, Reset:
		if rest != "" {
			return Action{}, fmt.Errorf("%q: nothing follows %s", text, name)
		}
		return a, nil
	case Stall, Outage:
		d, err := time.ParseDuration(rest)
		if err != nil || d <= 0 || d > maxHold {
			return Action{}, fmt.Errorf("%q: %s needs a time of up to %v, such as %s 5s", text, name, maxHold, name)
		}
		a.For = d
		return a, nil
	case Impair:
		if rest == "none" {
			return a, nil
		}
		var err error
		if a.Policy, _, err = impair.Parse([]string{rest}); err != nil {
			return Action{}, fmt.Errorf("impair %w", err)
		}
		return a, nil
	}
	return Action{}, fmt.Errorf("%q is no action: use %s", text, ActionGrammar)
}

// Timed is an action with its time, since the start of the plan that it is in.
type Timed struct {
	At time.Duration
	Action
}

// ParseTimed parses TIME=ACTION, such as "10s=rebind".
func ParseTimed(text string) (Timed, error) {
	at, action, found := strings.Cut(text, "=")
	d, err := time.ParseDuration(strings.TrimSpace(at))
	if !found || err != nil || d < 0 {
		return Timed{}, fmt.Errorf("%q: write TIME=ACTION, such as 10s=rebind", text)
	}
	a, err := ParseAction(action)
	return Timed{d, a}, err
}

// Do does an action to what is open now.
func (r *Relay) Do(a Action) error {
	if r.ctx.Err() != nil {
		return errors.New("the relay is closed")
	}
	e := Entry{Event: EventAction, Action: a.String()}
	now := time.Now()
	switch a.Kind {
	case Stall:
		r.gate.stall(now.Add(a.For))
		r.endLater(a)
	case Outage:
		r.gate.outage(now.Add(a.For))
		r.endLater(a)
	case Impair:
		p := a.Policy
		if !p.Seeded {
			p.Seed = r.config.Policy.Seed
		}
		r.path.Change(p)
	default:
		e.Count = new(r.each(a.Kind))
	}
	r.log.add(e)
	return nil
}

// endLater logs the end of a stall or an outage.
func (r *Relay) endLater(a Action) {
	r.spawn(func() {
		timer := time.NewTimer(a.For)
		defer timer.Stop()
		select {
		case <-timer.C:
			r.log.add(Entry{Event: EventEnded, Action: a.String()})
		case <-r.ctx.Done():
		}
	})
}

// each does an action to every connection, and returns to how many it applied.
func (r *Relay) each(kind ActionKind) (n int) {
	r.mu.Lock()
	open := r.open()
	r.mu.Unlock()
	for _, l := range open {
		var done bool
		switch kind {
		case Rebind:
			if done = l.rebind(); done {
				r.log.add(l.describe().as(EventRebound))
			}
		case HalfOpen:
			done = l.halfOpen()
		case Reset:
			done = l.reset()
		}
		if done {
			n++
		}
	}
	return n
}

// Run does each action at its time from now on, until ctx or the relay ends.
func (r *Relay) Run(ctx context.Context, plan []Timed) {
	start := time.Now()
	plan = slices.Clone(plan)
	slices.SortStableFunc(plan, func(a, b Timed) int { return int(a.At - b.At) })
	for _, next := range plan {
		timer := time.NewTimer(time.Until(start.Add(next.At)))
		select {
		case <-timer.C:
			_ = r.Do(next.Action) // fails on a closed relay, whose context has ended too
		case <-ctx.Done():
			timer.Stop()
			return
		case <-r.ctx.Done():
			timer.Stop()
			return
		}
	}
}

// Refuse logs a command that is no action, with the reason.
func (r *Relay) Refuse(command string, reason error) {
	r.log.add(Entry{Event: EventRefused, Action: strings.ToValidUTF8(command, "\uFFFD"), Reason: reason.Error()})
}
