package explore

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"imcheck/protocol/wire"
	"imcheck/reports"
)

// requirement is the requirement that every conversation checks.
const requirement = "Whatever comes in, the server does what the rules say, or something else that §7 leaves open."

// Results are the outcome as results of a report: one for each transport, for all that
// went as the model has it, and one for each difference. rerun is the command that plays a
// difference again.
func (o *Outcome) Results(transports []wire.Transport, rerun func(number int) string) (all []reports.Result) {
	for _, on := range transports {
		r := reports.Result{
			Case: "explore/conversations", Transport: on.String(), Requirement: requirement, Section: "§7", Level: reports.Must, Verdict: reports.Pass,
			Reason: fmt.Sprintf("%d conversations of %d steps in all, %d of which differed as another one did", o.Conversations, o.Steps, o.Repeated),
		}
		if o.Conversations == 0 {
			r.Verdict, r.Reason = reports.Inconclusive, "no conversation was played to its end"
		}
		all = append(all, r)
	}
	all = append(all, o.covered(transports)...)
	for i := range o.Findings {
		f := &o.Findings[i]
		verdict := reports.Fail
		if !f.Confirmed() {
			verdict = reports.Inconclusive
		}
		r := reports.Result{
			Case: fmt.Sprintf("explore/difference-%d", i+1), Transport: f.On.String(), Requirement: requirement, Section: "§7", Level: reports.Must, Verdict: verdict,
			Reason:   fmt.Sprintf("%s; %s", &f.Difference.cause, f.frequency()),
			Expected: fmt.Sprintf("%s on %s", f.Difference.Expected, place(f.Difference.Conn)),
			Actual:   fmt.Sprintf("%s, after %.3f s", f.Difference.Actual, f.Difference.At.Seconds()),
			Rerun:    rerun(i + 1),
		}
		for _, l := range f.History {
			direction := "<-"
			if l.Sent {
				direction = "->"
			}
			r.Transcript = append(r.Transcript, reports.Line{At: float64(l.At.Microseconds()) / 1000, Connection: place(l.Conn), Direction: direction, Text: l.Text})
		}
		all = append(all, r)
	}
	return all
}

func place(conn int) string {
	switch conn {
	case application:
		return "application"
	case handshakePlace:
		return "requests for a WebSocket"
	}
	return fmt.Sprint("connection ", conn)
}

// covered lists the kinds of steps that were taken, and what the rules did, and what never
// happened.
func (o *Outcome) covered(transports []wire.Transport) (all []reports.Result) {
	if len(o.Reached) == 0 {
		return nil
	}
	info := func(name string, on wire.Transport, requirement, what string, c *reports.Coverage) {
		all = append(all, reports.Result{
			Case: "explore/" + name, Transport: on.String(), Requirement: requirement, Level: reports.Info, Verdict: reports.Pass, Reason: c.Share(what), Coverage: c,
		})
	}
	first := true
	for _, on := range transports {
		if !o.tried(on) {
			continue // nothing was to be drawn there
		}
		info("steps-taken", on, "Which kinds of steps were taken.", "kinds of steps", o.stepsTaken(on, first))
		first = false
	}
	if len(transports) > 0 {
		info("rules-reached", transports[0], "What the rules did in these conversations, on all transports.",
			"of what the rules may do", &reports.Coverage{Times: o.Reached, Never: o.NeverReached})
	}
	return all
}

// tried reports whether a transport was to be used.
func (o *Outcome) tried(on wire.Transport) bool {
	suffix := " on " + on.String()
	is := func(kind string) bool { return strings.HasSuffix(kind, suffix) }
	return slices.ContainsFunc(o.NeverTried, is) || slices.ContainsFunc(slices.Collect(maps.Keys(o.Tried)), is)
}

// stepsTaken counts the steps of each kind on a transport. The first has those that are on
// none, such as a kick, as well.
func (o *Outcome) stepsTaken(on wire.Transport, first bool) *reports.Coverage {
	return reports.NewCoverage(o.Tried, o.NeverTried, func(kind string) (name string, found bool) {
		if name, found = strings.CutSuffix(kind, " on "+on.String()); !found {
			found = first && !strings.Contains(kind, " on ")
		}
		return name, found
	})
}
