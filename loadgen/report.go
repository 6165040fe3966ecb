package loadgen

import (
	"errors"
	"runtime"
	"time"

	"imcheck/harness/wire"
	"imcheck/reports"
)

// report puts what the workers wrote down together. They have ended by now.
func (s *swarm) report(e ending, timeline []reports.Sample, before usage) (*reports.Load, error) {
	r := result{ending: e, messages: s.totals(), sessions: newSessions(), divided: s.config.Shard.divided()}
	merged, logErr := s.intervals.finish(time.Since(s.start))
	var dropped int64
	for _, w := range s.workers {
		r.sessions.merge(&w.sessions)
		r.notOnline += w.notOnline
		dropped += w.dropped
	}
	r.generator = observeSelf(merged.lateness, dropped)
	r.generator.CPUSeconds = cpuSeconds() - before.cpuSeconds
	r.generator.ResidentBytes = e.resident
	r.generator.BytesPerClient = bytesPerClient(before.resident, e.resident, s.config.OwnClients())
	latencies, err := merged.report()
	lateness, encodeErr := reports.EncodeHistogram(merged.lateness)
	r.generator.LatenessHistogram = lateness
	from, to := s.schedule.steady()
	load := asked(s.config, s.nonce)
	load.Header, load.Clients = s.header(&r), s.config.clientsOn()
	load.SteadyMs = max(0, min(to, e.at)-from).Milliseconds()
	load.Latencies, load.Messages = latencies, r.messages
	load.Sessions = reports.Sessions{
		LoggedIn: r.sessions.loggedIn, PeakOnline: s.online.peak.Load(),
		AtEnd: r.sessions.atEnd, LostByCause: r.sessions.lost,
	}
	load.Generator, load.Timeline = r.generator, timeline
	return load, errors.Join(err, encodeErr, logErr)
}

// asked is a report that says what was asked for, and nothing of what came of it.
func asked(c Config, nonce string) *reports.Load {
	load := &reports.Load{
		Scenario: c.Scenario, Seed: c.Seed, Shard: c.reportedShard(nonce),
		Clients: map[string]int{}, RampMs: c.Ramp.Milliseconds(),
	}
	if c.Scenario != ScenarioIdle {
		load.RatePerSecond, load.PayloadBytes = c.Rate, c.Payload
	}
	return load
}

// NotRun is the report of a run that has not come about. Its header is left to
// the caller.
func NotRun(c Config) *reports.Load { return asked(c, nonceOf(c)) }

func (s *swarm) header(r *result) reports.Header {
	outcome, reason := r.outcome()
	limit, _, _ := openFileLimit() // 0, which is left out, where there is none
	return reports.Header{
		Schema: reports.SchemaVersion, Kind: reports.KindLoad,
		Started: s.start.Round(time.Millisecond), DurationMs: r.ending.at.Milliseconds(),
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
