package fuzz

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"syscall"
	"time"

	"imcheck/harness/machine"
	"imcheck/harness/target"
	"imcheck/protocol/wire"
)

// Incident is an effect of the inputs that a healthy user noticed.
type Incident struct {
	On       wire.Transport
	Expected string
	Actual   string
	err      error // of a connection or an answer; nil when something came
}

// cause is the same for incidents that are taken for one defect.
func (i *Incident) cause() string { return i.On.String() + " " + i.Expected }

// sharing returns the first of several incidents that has the cause of one of others; nil
// when none has.
func sharing(incidents, others []*Incident) *Incident {
	for _, i := range incidents {
		if slices.ContainsFunc(others, func(o *Incident) bool { return o.cause() == i.cause() }) {
			return i
		}
	}
	return nil
}

// gone reports whether nobody listens any more.
func (i *Incident) gone() bool { return errors.Is(i.err, syscall.ECONNREFUSED) }

func (i *Incident) String() string {
	return fmt.Sprintf("on %s: %s: %s", i.On, i.Expected, i.Actual)
}

// What is expected of a server whatever else is sent to it.
const (
	newcomerAnswered  = "a user who logs in, asks for an echo and keeps the session is answered in time, and sees nothing else"
	bystanderAnswered = "the keep-alives of a user who logged in before are answered in time"
	bystanderLeft     = "a user to whom nothing is sent sees nothing, and stays logged in"
)

// bystanders is the number of users that are logged in on each transport all the time.
const bystanders = 2

// witnesses are users on every transport who are logged in while inputs are sent.
type witnesses struct {
	target  *target.Target
	users   []*user
	dismiss context.CancelFunc
	keeping sync.WaitGroup
}

// summon logs the bystanders in. The incident says that one of them could not.
func summon(ctx context.Context, t *target.Target, patience time.Duration) (*witnesses, *Incident) {
	w := &witnesses{target: t}
	ctx, w.dismiss = context.WithCancel(ctx)
	for _, on := range t.Transports() {
		for range bystanders {
			u, err := connect(ctx, t, on, "bystander", patience)
			if err != nil {
				w.leave()
				return nil, &Incident{on, newcomerAnswered, err.Error(), err}
			}
			w.users = append(w.users, u)
			w.keeping.Go(func() { u.keep(ctx) })
		}
	}
	return w, nil
}

func (w *witnesses) leave() {
	w.dismiss()
	w.keeping.Wait()
	for _, u := range w.users {
		u.leave()
	}
}

// check has a newcomer on every transport use the server, and asks the bystanders what
// they saw. It returns the slowest answer, or all incidents.
func (w *witnesses) check(ctx context.Context, patience time.Duration) (slowest time.Duration, incidents []*Incident) {
	transports := w.target.Transports()
	incidents = make([]*Incident, len(w.users)+len(transports))
	took := make([]time.Duration, len(incidents))
	var asking sync.WaitGroup
	for i, u := range w.users {
		asking.Go(func() { took[i], incidents[i] = u.stillThere(ctx, patience) })
	}
	for i, on := range transports {
		i += len(w.users)
		asking.Go(func() { took[i], incidents[i] = visit(ctx, w.target, on, patience) })
	}
	asking.Wait()
	return slices.Max(took), slices.DeleteFunc(incidents, func(i *Incident) bool { return i == nil })
}

// stillThere asks a bystander for what came, once a keep-alive was answered.
func (u *user) stillThere(ctx context.Context, patience time.Duration) (time.Duration, *Incident) {
	_, took, err := u.ask(ctx, wire.NewKeepAlive(u.id), wire.TypeKeepAliveResponse, patience)
	switch seen := u.seen(); {
	case len(seen) > 0:
		return 0, &Incident{u.on, bystanderLeft, seen[0], u.ending()}
	case err != nil:
		return 0, &Incident{u.on, bystanderAnswered, err.Error(), err}
	}
	return took, nil
}

// ending returns the reason that the connection has ended; nil while it has not.
func (u *user) ending() error {
	select {
	case <-u.ended:
		return u.reason
	default:
		return nil
	}
}

// visit has a new user come, use the server and leave.
func visit(ctx context.Context, t *target.Target, on wire.Transport, patience time.Duration) (time.Duration, *Incident) {
	u, err := connect(ctx, t, on, "newcomer", patience)
	if err != nil {
		return 0, &Incident{on, newcomerAnswered, err.Error(), err}
	}
	defer u.leave()
	slowest, err := u.use(ctx, patience)
	switch seen := u.seen(); {
	case len(seen) > 0:
		return 0, &Incident{on, newcomerAnswered, seen[0], u.ending()}
	case err != nil:
		return 0, &Incident{on, newcomerAnswered, err.Error(), err}
	}
	return slowest, nil
}

// localCause explains an incident by what this machine lacks; "" when it does not.
func (i *Incident) localCause() string {
	if i.gone() {
		return ""
	}
	return machine.LocalCause(i.err)
}
