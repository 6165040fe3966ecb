package loadgen

import (
	"runtime"
	"time"

	"imcheck/harness/wire"
	"imcheck/reports"
)

// report puts what the workers wrote down together. They have ended by now.
func (s *swarm) report(e ending, timeline []reports.Sample, before usage) (*reports.Load, error) {
	r := result{ending: e, messages: s.totals(), sessions: newSessions()}
	merged := newRecorder(s.config.Transports)
	var dropped int64
	for _, w := range s.workers {
		merged.merge(w.recorder)
		r.sessions.merge(&w.sessions)
		r.notOnline += w.notOnline.Load()
		r.blocked += w.blocked.Load()
		dropped += w.dropped.Load()
	}
	r.generator = observeSelf(merged.lateness, dropped)
	before.since(&r.generator)
	r.generator.OpenFiles = e.openFiles
	explainBottleneck(&r.generator, e.total)
	r.generator.OfflineArrivals, r.generator.BlockedArrivals = r.notOnline, r.blocked
	r.generator.ResidentBytes = e.resident
	r.generator.BytesPerClient = bytesPerClient(before.resident, e.resident, s.config.Clients)
	gaps := s.balance(r.messages)
	r.recovery = s.recovery()
	r.pushTrouble = s.pushTrouble.Load()
	r.thresholds = judgeAll(s.config.Thresholds, s.figures(merged, e.at, r.recovery))
	markAbort(r.thresholds, e)
	latencies, err := merged.report()
	load := &reports.Load{
		Header: s.header(&r), Scenario: s.config.Scenario, Seed: s.config.Seed, InFlight: s.config.InFlight,
		Clients: s.config.clientsOn(), RampMs: s.schedule.ramp.Milliseconds(),
		SteadyMs:  s.counted(e.at).Milliseconds(),
		Latencies: latencies, Messages: r.messages, Gaps: gaps, Thresholds: r.thresholds, Recovery: r.recovery,
		Sessions: reports.Sessions{
			LoggedIn: r.sessions.loggedIn, PeakOnline: s.online.peak.Load(),
			AtEnd: r.sessions.atEnd, LostByCause: r.sessions.lost, Outages: e.outages,
		},
		Generator: r.generator, Timeline: timeline,
	}
	load.RatePerSecond = s.config.messageRate()
	if usesPayload(s.config.Scenario) {
		load.PayloadBytes = s.config.Payload
	}
	return load, err
}

func (s *swarm) header(r *result) reports.Header {
	outcome, reason := r.outcome()
	limit, _, _ := openFileLimit() // 0, which is left out, where there is none
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
