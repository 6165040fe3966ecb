package loadgen

import (
	"errors"
	"runtime"
	"time"

	"imcheck/harness/machine"
	"imcheck/loadgen/plan"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// report puts what the workers wrote down together. They have ended by now.
func (s *swarm) report(e ending, timeline []reports.Sample, before usage) (*reports.Load, error) {
	r := result{ending: e, messages: s.totals(), sessions: newSessions(), divided: s.config.Shard.Divided()}
	merged, logErr := s.intervals.finish(time.Since(s.start))
	var dropped int64
	for _, w := range s.workers {
		r.sessions.merge(&w.sessions)
		r.notOnline += w.notOnline.Load()
		r.blocked += w.blocked.Load()
		r.unasked += w.unasked
		dropped += w.dropped.Load()
	}
	r.generator = observeSelf(merged.lateness, dropped)
	before.since(&r.generator)
	r.generator.OpenFiles = e.openFiles
	explainBottleneck(&r.generator, e.total, before.processors)
	notePause(&r.generator, &s.pauses)
	r.generator.OfflineArrivals, r.generator.BlockedArrivals = r.notOnline, r.blocked
	r.generator.ResidentBytes = e.resident
	r.generator.BytesPerClient = bytesPerClient(before.resident, e.resident, s.config.OwnClients())
	gaps := s.balance(r.messages)
	r.recovery = s.recovery()
	r.pushTrouble = s.pushTrouble.Load()
	figures := s.figures(merged, e.at, r.recovery)
	r.lastLogin = figures.lastLogin
	figures.online = r.sessions.atEnd // by now everybody was logged out
	r.thresholds = judgeAll(s.config.Thresholds, figures)
	markAbort(r.thresholds, e)
	latencies, err := merged.report()
	lateness, encodeErr := reports.EncodeHistogram(merged.lateness)
	r.generator.LatenessHistogram = lateness
	load := asked(s.config, s.nonce)
	load.Header, load.Clients = s.header(&r), s.config.clientsOn()
	load.SteadyMs = s.counted(e.at).Milliseconds()
	load.LastLoginMs = float64(figures.lastLogin) / float64(time.Millisecond)
	load.Latencies, load.Messages, load.Gaps = latencies, r.messages, gaps
	load.Thresholds, load.Recovery = r.thresholds, r.recovery
	load.Sessions = reports.Sessions{
		LoggedIn: r.sessions.loggedIn, PeakOnline: s.online.peak.Load(),
		AtEnd: r.sessions.atEnd, LostByCause: r.sessions.lost, Outages: e.outages,
	}
	load.Generator, load.Timeline = r.generator, timeline
	return load, errors.Join(err, encodeErr, logErr)
}

// asked is a report that says what was asked for, and nothing of what came of it.
func asked(c Config, nonce plan.Nonce) *reports.Load {
	load := &reports.Load{
		Scenario: c.Scenario, Seed: c.Seed, Shard: c.reportedShard(nonce),
		Clients: map[string]int{}, RampMs: c.Ramp.Milliseconds(), InFlight: c.InFlight,
		RatePerSecond: c.messageRate(),
	}
	if usesPayload(c.Scenario) {
		load.PayloadBytes = c.Payload
	}
	return load
}

// NotRun is the report of a run that has not come about. Its header is left to
// the caller.
func NotRun(c Config) *reports.Load { return asked(c, nonceOf(c)) }

func (s *swarm) header(r *result) reports.Header {
	outcome, reason := r.outcome()
	limit, _, _ := machine.OpenFileLimit() // 0, which is left out, where there is none
	return reports.Header{
		Schema: reports.SchemaVersion, Kind: reports.KindLoad,
		Started: s.start.Round(time.Millisecond), DurationMs: r.ending.total.Milliseconds(),
		Environment: reports.Environment{
			Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH,
			CPUs: runtime.NumCPU(), OpenFileLimit: limit,
		},
		Target: s.target(), Outcome: outcome, Reason: reason, ExitCode: outcome.ExitCode(),
	}
}

// target describes the target as far as the run had to do with it.
func (s *swarm) target() reports.Target {
	t := s.config.Target
	described := reports.Target{
		Name: t.Info.Name, Version: t.Info.Version, Capabilities: t.Info.Capabilities,
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
