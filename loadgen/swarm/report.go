package swarm

import (
	"errors"
	"runtime"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/harness/machine"
	"imcheck/loadgen/books"
	"imcheck/loadgen/host"
	"imcheck/loadgen/plan"
	"imcheck/loadgen/scenario"
	"imcheck/protocol/wire"
	"imcheck/reports"
	"imcheck/reports/verdict"
)

// report adds up what the workers recorded, and judges it. They have ended by now.
func (s *swarm) report(e ending, timeline []reports.Sample, before host.Usage) (*reports.Load, error) {
	merged, logErr := s.intervals.Finish(time.Since(s.Start))
	load := asked(s.config, s.Nonce)
	load.Header, load.Clients = s.header(e), s.config.clientsOn()
	load.SteadyMs = s.counted(e.at).Milliseconds()
	load.LastLoginMs = float64(s.books.LastLogin()) / float64(time.Millisecond)
	load.Messages = s.totals()
	load.Gaps = s.balance(load.Messages)
	load.Timeline = timeline
	behaviours := make([]scenario.Behaviour, len(s.workers))
	for i, w := range s.workers {
		behaviours[i] = w.behaviour
	}
	s.scenario.Report(&s.Run, behaviours, load)
	sessions, run := s.ended(e)
	load.Sessions = reports.Sessions{
		LoggedIn: sessions.LoggedIn, PeakOnline: s.online.Peak.Load(),
		AtEnd: sessions.AtEnd, LostByCause: sessions.Lost, Outages: e.outages,
	}
	load.Generator = s.generator(merged.Lateness, e, before)
	var encodeErr, err error
	load.Latencies, err = merged.Report()
	load.Generator.LatenessHistogram, encodeErr = reports.EncodeHistogram(merged.Lateness)
	if err = errors.Join(err, encodeErr); err == nil {
		load.Thresholds, err = verdict.Judge(s.config.Thresholds, load, "")
	}
	markAbort(load.Thresholds, e)
	load.Outcome, load.Reason = verdict.Of(load, run)
	load.ExitCode = load.Outcome.ExitCode()
	return load, errors.Join(err, logErr)
}

// ended adds up what became of the sessions, and what the outcome depends on that the
// report does not say.
func (s *swarm) ended(e ending) (books.Sessions, verdict.Run) {
	total := s.books.Sessions()
	run := verdict.Run{Interrupted: e.how == interrupted, Aborted: e.how == aborted, At: e.at}
	for _, w := range s.books {
		run.Unexpected += w.Unasked
	}
	run.Dismissed = total.Dismissed
	if total.First != nil {
		run.FirstLoss = total.First.String()
	}
	if s.feed != nil {
		run.FirstPush = s.feed.Refused()
	}
	return total, run
}

// generator reports how the load generator itself fared.
func (s *swarm) generator(lateness *hdrhistogram.Histogram, e ending, before host.Usage) reports.Generator {
	g := host.Generator(lateness, s.books.NotMade(books.TooLate))
	before.Since(&g)
	host.ExplainBottleneck(&g, e.total, before.Processors)
	host.NotePause(&g, &s.pauses)
	g.OfflineArrivals, g.BlockedArrivals = s.books.NotMade(books.NotOnline), s.books.NotMade(books.Blocked)
	g.OpenFiles, g.ResidentBytes = e.openFiles, e.resident
	g.BytesPerClient = before.BytesPerClient(e.resident, s.config.OwnClients())
	return g
}

// asked is a report that says what was asked for, and nothing of what came of it.
func asked(c Config, nonce plan.Nonce) *reports.Load {
	load := &reports.Load{
		Scenario: c.Scenario, Seed: c.Seed, Shard: c.reportedShard(nonce),
		ClosedLoop: c.scenario().ClosedLoop(), Measured: c.measured().Names(),
		Clients: map[string]int{}, RampMs: c.Ramp.Milliseconds(), InFlight: c.InFlight,
		RatePerSecond: c.messageRate(),
	}
	if scenario.UsesPayload(c.scenario()) {
		load.PayloadBytes = c.Payload
	}
	return load
}

// NotRun is the report of a run that has not come about. Its header is left to
// the caller.
func NotRun(c Config) *reports.Load { return asked(c, nonceOf(c)) }

func (s *swarm) header(e ending) reports.Header {
	limit, _, _ := machine.OpenFileLimit() // 0, which is left out, where there is none
	return reports.Header{
		Schema: reports.SchemaVersion, Kind: reports.KindLoad,
		Started: s.Start.Round(time.Millisecond), DurationMs: e.total.Milliseconds(),
		Environment: reports.Environment{
			Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH,
			CPUs: runtime.NumCPU(), OpenFileLimit: limit,
		},
		Target: s.target(),
	}
}

// target describes the target as far as the run had to do with it.
func (s *swarm) target() reports.Target {
	t := s.config.Target
	described := reports.Target{
		Name: t.Info.Name, Version: t.Info.Version, Capabilities: t.Info.Capabilities.Names(),
		Addresses: map[string]string{}, SenseModes: map[string]string{},
	}
	for _, kind := range wire.Transports {
		if t.Addresses[kind] != "" {
			described.Addresses[kind.String()] = t.Addresses[kind]
			described.SenseModes[kind.String()] = t.Modes[kind].String()
		}
	}
	if t.Control != "" {
		described.Addresses["control"] = t.Control
	}
	return described
}
