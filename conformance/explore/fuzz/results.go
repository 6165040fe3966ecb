package fuzz

import (
	"fmt"
	"slices"
	"strings"

	"imcheck/protocol/wire"
	"imcheck/reports"
)

// requirement is the requirement that every input checks.
const requirement = "Whatever is sent to it, the server goes on serving everybody else."

// Bounds of what is shown of bytes: in a transcript of a write, and of an input as the cause
// of a difference.
const (
	maxShown = 400
	maxCause = 100
)

// Results are the outcome as results of a report: one for each transport, one for the
// memory, one for each difference. rerun is the command that sends the inputs of a
// difference again.
func (o *Outcome) Results(transports []wire.Transport, rerun func(number int) string) (all []reports.Result) {
	result := func(name string, on wire.Transport, verdict reports.Verdict, reason string) {
		all = append(all, reports.Result{
			Case: "explore/" + name, Transport: on.String(), Requirement: requirement, Section: "§2", Level: reports.Must, Verdict: verdict, Reason: reason,
		})
	}
	for _, on := range transports {
		c := o.coverage(on)
		verdict, reason := reports.Pass, o.summary(c)
		if o.Inputs == 0 {
			verdict, reason = reports.Inconclusive, "nothing was sent"
		}
		result("bytes", on, verdict, reason)
		all[len(all)-1].Coverage = c
	}
	if m := o.Memory; m != nil && !m.Steady { // else a difference has it
		result("memory", transports[0], reports.Pass, m.String())
	}
	for i := range o.Unsteady {
		result(fmt.Sprintf("unsteady-%d", i+1), o.Unsteady[i].On, reports.Inconclusive, "it did not come again when the same was sent: "+o.Unsteady[i].String())
	}
	for i := range o.Findings {
		f := &o.Findings[i]
		all = append(all, reports.Result{
			Case: fmt.Sprintf("explore/difference-%d", i+1), Transport: f.Incident.On.String(), Requirement: requirement, Section: "§2", Level: reports.Must, Verdict: reports.Fail,
			Expected: f.Incident.Expected, Actual: f.actual(), Transcript: f.transcript(), Rerun: rerun(i + 1),
		})
	}
	return all
}

// coverage counts the mutations of a transport; nil when there were none.
func (o *Outcome) coverage(on wire.Transport) *reports.Coverage {
	c := reports.NewCoverage(o.Tried, o.NeverTried, func(kind string) (string, bool) {
		return strings.CutSuffix(kind, " on "+on.String())
	})
	if len(c.Times) == 0 {
		return nil
	}
	return c
}

// summary returns the inputs of a transport, in words.
func (o *Outcome) summary(c *reports.Coverage) string {
	text := fmt.Sprintf("%d inputs of %s in all; %d checks, the slowest answer after %.0f ms",
		o.Inputs, mebibytes(o.Bytes), o.Checks, float64(o.Slowest.Microseconds())/1000)
	if o.Again > 0 {
		text += fmt.Sprintf("; the differences showed %d times more", o.Again)
	}
	if c != nil {
		text += "; " + c.Share("kinds of mutations here")
	}
	return text
}

// actual describes an incident, and the inputs before it.
func (f *Finding) actual() string {
	first := f.Series.Inputs[0]
	text := f.Incident.Actual + ", after " + shown(slices.Concat(first.Writes...), maxCause) + " on " + first.On.String()
	if more := len(f.Series.Inputs) - 1; more > 0 {
		text += fmt.Sprintf(" and %d more inputs", more)
	}
	switch {
	case f.Lasting:
		text += "; it was so from then on, so that no shorter input could be looked for"
	case f.Series.Times > 1:
		text += fmt.Sprintf("; sent %d times, it shows again", f.Series.Times)
	}
	return text
}

// maxTranscript bounds how many writes a transcript shows.
const maxTranscript = 100

// transcript shows what was sent, and what came of it.
func (f *Finding) transcript() (lines []reports.Line) {
	add := func(connection, direction, text string) {
		lines = append(lines, reports.Line{At: float64(len(lines)), Connection: connection, Direction: direction, Text: text})
	}
	for i, in := range f.Series.Inputs {
		name := fmt.Sprintf("input %d on %s", i+1, in.On)
		for _, w := range in.Writes {
			add(name, "->", shown(w, maxShown))
		}
		add(name, "--", in.leaving())
		if len(lines) > maxTranscript {
			add(name, "--", "the file has the rest")
			break
		}
	}
	witness := "witness on " + f.Incident.On.String()
	if strings.HasPrefix(f.Incident.Expected, notGrown) {
		witness = "memory"
	}
	add(witness, "<-", f.Incident.Actual)
	return lines
}

// leaving describes the end of a connection.
func (in Input) leaving() string {
	if in.On == wire.UDP && in.End == Reset {
		return "the address falls silent"
	}
	return string(in.End)
}

// shown is bytes in quotes, or as many of their beginning.
func shown(b []byte, most int) string {
	if len(b) <= most {
		return fmt.Sprintf("%q", b)
	}
	return fmt.Sprintf("%q… (%d bytes)", b[:most], len(b))
}
