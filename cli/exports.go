package cli

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"imcheck/harness/metrics/export"
	"imcheck/loadgen/swarm"
	"imcheck/reports"
)

// exports are those of a load, or of all steps of a search.
type exports struct {
	flags  *exportFlags
	origin export.Origin
	note   func(format string, args ...any)
	runs   [][]*export.Exporter // in the order of the routes

	mu   sync.Mutex
	said map[string]bool // flags of the receivers of which it was said that they take nothing
}

// exportsOf prepares the exports of a load, and says where they go; nil when they go nowhere.
func (f *exportFlags) exportsOf(c *swarm.Config, note func(format string, args ...any)) *exports {
	if !f.isGiven() {
		return nil
	}
	for _, route := range f.routes {
		note("exports: %s to %s every %v%s", route.protocol().Name(), route.receiver, f.every, f.labelWords())
	}
	return &exports{flags: f, origin: f.originOf(c), note: note, runs: make([][]*export.Exporter, len(f.routes)), said: map[string]bool{}}
}

// labelWords lists the labels that were given.
func (f *exportFlags) labelWords() string {
	if len(f.given) == 0 {
		return ""
	}
	var all []string
	for _, l := range f.given {
		all = append(all, l.Name+"="+l.Value)
	}
	return " with " + strings.Join(all, ", ")
}

// originOf identifies a load. The instance is the process, so that loads that send at the same
// time are not taken for each other.
func (f *exportFlags) originOf(c *swarm.Config) export.Origin {
	instance := strconv.Itoa(os.Getpid())
	if host, err := os.Hostname(); err == nil {
		instance = host + ":" + instance
	}
	o := export.Origin{Job: "imcheck", Instance: instance, Version: version(), Labels: slices.Clone(f.given)}
	o = o.With("scenario", c.Scenario).With("seed", strconv.FormatInt(c.Seed, 10))
	if c.Shard.Of > 0 {
		o = o.With("shard", fmt.Sprintf("%d/%d", c.Shard.Index, c.Shard.Of))
	}
	return o
}

// start begins to send the figures of a run; step is the number of a step of a search, 0 for none.
func (e *exports) start(figures export.Source, step int) {
	if e == nil {
		return
	}
	origin := e.origin
	if step > 0 {
		origin = origin.With("step", strconv.Itoa(step))
	}
	for i, route := range e.flags.routes {
		receiver := route.receiver
		receiver.Protocol = route.protocol()
		e.runs[i] = append(e.runs[i], export.Start(export.Config{
			Receiver: receiver, Origin: origin, Source: figures, Every: e.flags.every,
			Failed: func(err error) { e.complain(route.flag, err) },
		}))
	}
}

// complain says once of each receiver that it takes nothing.
func (e *exports) complain(flag string, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.said[flag] {
		e.said[flag] = true
		e.note("note: --%s: an export failed: %v; the load goes on, and so do the exports; the report counts those that fail", flag, err)
	}
}

// finish begins the last export of the run that was started last, without waiting for it.
func (e *exports) finish() {
	if e == nil {
		return
	}
	for _, runs := range e.runs {
		if n := len(runs); n > 0 {
			runs[n-1].Finish()
		}
	}
}

// report waits until all exports are over, export.FinalTime at most, and says what became of
// them.
func (e *exports) report() (rows []reports.Export) {
	if e == nil {
		return nil
	}
	e.finish()
	for i, runs := range e.runs {
		row := reports.Export{Protocol: e.flags.routes[i].protocol().Name(), To: e.flags.routes[i].receiver.String(), End: true}
		for _, run := range runs {
			result := run.Result()
			row.Add(reports.Export{Sent: result.Sent, Failed: result.Failed, Skipped: result.Skipped, End: result.End, Error: result.Error})
		}
		if len(runs) > 0 {
			rows = append(rows, row)
		}
	}
	return rows
}
