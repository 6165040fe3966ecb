package swarm

import (
	"errors"
	"runtime"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/harness/accounts"
	"imcheck/harness/machine"
	"imcheck/harness/transport/impair"
	"imcheck/loadgen/books"
	"imcheck/loadgen/host"
	"imcheck/loadgen/options"
	"imcheck/loadgen/plan"
	"imcheck/loadgen/scenario"
	"imcheck/protocol/wire"
	"imcheck/reports"
	"imcheck/reports/verdict"
)

// reporter makes the report of a run whose workers have ended, or of one that goes on.
type reporter struct {
	*swarm
	ending ending
	before host.Usage    // of this process before the run
	noted  books.Workers // what the workers have noted for themselves
}

// report adds up what the workers recorded, which have ended, and judges it.
func (r reporter) report(timeline []reports.Sample) (*reports.Load, error) {
	merged, logErr := r.intervals.Finish(time.Since(r.Start))
	load, run, err := r.gather(merged, timeline)
	load.Gaps = balance{r.swarm}.of(load.Messages)
	behaviours := make([]scenario.Behaviour, len(r.workers))
	for i, w := range r.workers {
		behaviours[i] = w.behaviour
	}
	r.scenario.Report(&r.Run, behaviours, load)
	r.reportOutage(load)
	if r.feed != nil {
		run.FirstPush = r.feed.Refused()
	}
	return load, errors.Join(r.judge(load, run, err), logErr)
}

// soFar is report of a run that goes on. What a scenario reports of its own is left out.
func (r reporter) soFar(recorded *books.Recorder, timeline []reports.Sample) (*reports.Load, error) {
	load, run, err := r.gather(recorded, timeline)
	load.Unfinished = &reports.Unfinished{PlannedMs: r.config.Planned().Milliseconds()}
	load.Sessions.AtEnd = r.online.Now.Load()
	for _, w := range r.noted {
		load.Gaps = append(load.Gaps, w.Gaps...)
	}
	load.Gaps = load.Gaps[:min(len(load.Gaps), books.MaxGaps)]
	return load, r.judge(load, run, err)
}

// judge compares thresholds with what a load has, and says what it came to. err is what
// failed so far: then its thresholds are not judged.
func (r reporter) judge(load *reports.Load, run verdict.Run, err error) error {
	load.TargetUse = r.watched.report(load)
	from, to := r.Schedule.Steady()
	load.Trends = verdict.TrendsOf(load, from, min(to, r.ending.at))
	if err == nil {
		load.Thresholds, err = verdict.Judge(r.config.Thresholds, load, "")
	}
	markAbort(load.Thresholds, r.ending)
	load.Outcome, load.Reason = verdict.Of(load, run)
	load.ExitCode = load.Outcome.ExitCode()
	if r.accounts != nil {
		accounts.Report(load, r.secrets())
	}
	return err
}

// gather adds up what the workers recorded. It returns too what the outcome depends on and
// the report does not say.
func (r reporter) gather(recorded *books.Recorder, timeline []reports.Sample) (*reports.Load, verdict.Run, error) {
	load := asked(r.config, r.Nonce)
	load.Header, load.Clients = r.header(), r.config.clientsOn()
	if r.follower.whole() {
		load.Counters = append(load.Counters, reports.CounterCalledLost)
	}
	load.SteadyMs = r.counted(r.ending.at).Milliseconds()
	load.SettledMs = r.settled().Milliseconds()
	load.LastLoginMs = float64(r.books.LastLogin()) / float64(time.Millisecond)
	load.Messages = r.totals()
	delaysErr := r.noted.SpreadDelays(load.Messages)
	load.Impairment = r.impairment()
	load.Timeline = timeline
	if length := r.config.SampleLength(); length > time.Second {
		load.SampleMs = length.Milliseconds()
	}
	var stagesErr error
	load.Stages, stagesErr = r.stages()
	sessions, run := r.ended()
	load.Sessions = reports.Sessions{
		LoggedIn: sessions.LoggedIn, PeakOnline: r.online.Peak.Load(),
		AtEnd: sessions.AtEnd, LostByCause: sessions.Lost, Outages: r.ending.outages,
	}
	var nodesErr error
	load.Nodes, nodesErr = r.nodes()
	load.Generator = r.generator(recorded.Lateness)
	var encodeErr, err error
	load.Latencies, err = recorded.Report()
	load.Generator.LatenessHistogram, encodeErr = reports.EncodeHistogram(recorded.Lateness)
	return load, run, errors.Join(err, encodeErr, nodesErr, stagesErr, delaysErr)
}

// impairment describes what was done to the path; nil for nothing.
func (r reporter) impairment() *reports.Impairment {
	i := r.config.ReportedImpairment()
	if i == nil {
		return nil
	}
	for _, c := range r.path.Counts() {
		i.Counts = append(i.Counts, reports.ImpairmentCounts{
			Transport: c.Transport.String(), Direction: c.Direction.String(),
			Passed: c.Passed, Dropped: c.Dropped, Doubled: c.Doubled, Reordered: c.Reordered,
			DelayedBytes: c.DelayedBytes, Stalls: c.Stalls, Hurried: c.Hurried,
		})
	}
	return i
}

// ReportedImpairment describes what is to be done to the path; nil for nothing.
func (c Config) ReportedImpairment() *reports.Impairment {
	policy := c.impairment()
	if len(policy.Specs()) == 0 {
		return nil
	}
	i := &reports.Impairment{Specs: policy.Specs(), Seed: policy.Seed, Counts: []reports.ImpairmentCounts{}, AddedMs: map[string]float64{}}
	path := impair.New(policy)
	for _, t := range c.Transports {
		if most := path.Delay(t); most > 0 {
			i.AddedMs[t.String()] = float64(most) / float64(time.Millisecond)
		}
	}
	return i
}

// stages returns what was noted of each stage.
func (r reporter) stages() (rows []reports.Stage, err error) {
	rows = askedStages(r.config)
	for i, s := range r.books.Stages(len(rows)) {
		from, to := r.Schedule.StageTimes(i)
		rows[i].RanMs = max(0, min(to, r.ending.at)-from).Milliseconds()
		err = errors.Join(err, s.Complete(&rows[i], r.scenario.Flows()))
	}
	return rows, err
}

// askedStages returns the stages that were asked for.
func askedStages(c Config) (rows []reports.Stage) {
	hasRate := options.Uses(c.scenario().Uses(), options.Rate)
	from, before := c.Ramp+c.Warmup, plan.Stage{Rate: c.Rate, Clients: c.Clients}
	for _, s := range c.Plan() {
		to := from + s.For
		row := reports.Stage{FromMs: from.Milliseconds(), ToMs: to.Milliseconds(), Clients: s.Clients, FromClients: before.Clients, Messages: []reports.StageMessages{}}
		if hasRate {
			row.RatePerSecond = s.Rate
			if s.Linear {
				row.FromRate = before.Rate
			}
		}
		rows = append(rows, row)
		from, before = to, s
	}
	return rows
}

// settled returns how long what was under way was waited for after the measured part.
func (r reporter) settled() time.Duration {
	_, end := r.Schedule.Steady()
	if cut := r.cutAt(); cut > 0 {
		end = min(end, cut)
	}
	return max(0, r.ending.settled-end)
}

// nodes counts the connections to each address, with what was measured there.
func (r reporter) nodes() ([]reports.Node, error) {
	measured, rows := r.noted.Nodes(), r.routes.Report()
	places := map[string]int{} // rows have the addresses of a transport in their order
	for i := range rows {
		kind, err := wire.ParseTransport(rows[i].Transport)
		if err != nil {
			return nil, err
		}
		places[rows[i].Transport]++
		if err := measured.Complete(&rows[i], kind, books.NodeIDOf(places[rows[i].Transport])); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// ended adds up what became of the sessions, and what the outcome depends on that the
// report does not say.
func (r reporter) ended() (books.Sessions, verdict.Run) {
	total := r.noted.Sessions()
	run := verdict.Run{Interrupted: r.ending.how == interrupted, Aborted: r.ending.how == aborted, At: r.ending.at}
	for _, w := range r.noted {
		run.Unexpected += w.Unasked
	}
	run.Dismissed = total.Dismissed
	if total.First != nil {
		run.FirstLoss = total.First.String()
	}
	return total, run
}

// generator reports how the load generator itself fared.
func (r reporter) generator(lateness *hdrhistogram.Histogram) reports.Generator {
	g := host.Generator(lateness, r.books.NotMade(books.TooLate))
	r.before.Since(&g)
	host.ExplainBottleneck(&g, r.ending.total, r.before.Processors)
	host.NotePause(&g, &r.pauses)
	g.OfflineArrivals, g.BlockedArrivals = r.books.NotMade(books.NotOnline), r.books.NotMade(books.Blocked)
	g.ImpairedArrivals = r.books.Excused()
	g.OpenFiles, g.ResidentBytes = r.ending.openFiles, r.ending.resident
	g.BytesPerClient = r.before.BytesPerClient(r.ending.resident, r.config.OwnClients())
	return g
}

// asked is a report that says what was asked for, and nothing of what came of it.
func asked(c Config, nonce plan.Nonce) *reports.Load {
	load := &reports.Load{
		Scenario: c.Scenario, Seed: c.Seed, Shard: c.reportedShard(nonce),
		ClosedLoop: c.scenario().ClosedLoop(), Measured: c.measured().Names(), Counters: []string{reports.CounterSpurious},
		Clients: map[string]int{}, RampMs: c.Ramp.Milliseconds(), InFlight: c.InFlight,
		Impairment: c.ReportedImpairment(), Storm: c.reportedStorm(), RatePerSecond: c.messageRate(), Stages: askedStages(c), Parts: scenario.Parts(c.scenario(), &c.Options),
	}
	if scenario.UsesPayload(c.scenario()) {
		load.PayloadBytes = c.Payload
	}
	return load
}

// reportedStorm says how the storm of a run comes about.
func (c Config) reportedStorm() string {
	if !c.scenario().Recovers() || c.StormHow == options.StormClose {
		return ""
	}
	return c.StormHow
}

// NotRun is the report of a run that has not come about. Its header is left to
// the caller.
func NotRun(c Config) *reports.Load { return asked(c, nonceOf(c)) }

func (r reporter) header() reports.Header {
	limit, _, _ := machine.OpenFileLimit() // 0, which is left out, where there is none
	return reports.Header{
		Schema: reports.SchemaVersion, Kind: reports.KindLoad,
		Started: r.Start.Round(time.Millisecond), DurationMs: r.ending.total.Milliseconds(),
		Environment: reports.Environment{
			Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH,
			CPUs: runtime.NumCPU(), OpenFileLimit: limit,
		},
		Target: r.target(),
	}
}

// target describes the target as far as the run had to do with it.
func (r reporter) target() reports.Target {
	t := r.config.Target
	described := reports.Target{
		Name: t.Info.Name, Version: t.Info.Version, Organization: t.Info.Organization, URL: t.Info.URL, Capabilities: t.Info.Capabilities.Names(),
		Addresses: map[string]string{}, SenseModes: map[string]string{},
	}
	for _, kind := range wire.Transports {
		if t.Addresses[kind] != "" {
			described.Addresses[kind.String()] = t.Shown(kind)
			described.SenseModes[kind.String()] = t.Modes[kind].String()
		}
	}
	if t.Control != "" {
		described.Addresses["control"] = t.Control
	}
	return described
}
