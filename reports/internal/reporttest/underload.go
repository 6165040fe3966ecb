package reporttest

import "imcheck/reports"

// UnderLoad is a run under load in which something of each kind gave way: a MUST, a SHOULD,
// what could not be told, and what fails in any case.
func UnderLoad() *reports.Conformance {
	c := &reports.Conformance{Header: reports.Header{DurationMs: 95_000}, Rounds: 0}
	c.UnderLoad = &reports.UnderLoad{Scenario: "steady", Axis: reports.LoadByRate}
	verdicts := map[string][]reports.Verdict{
		"login/accepted":      {reports.Pass, reports.Pass, reports.Pass},
		"qos/c2s-ack":         {reports.Pass, reports.Pass, reports.Fail},
		"heartbeat/answer":    {reports.Pass, reports.Fail, reports.Fail},
		"heartbeat/expiry":    {reports.Pass, reports.Inconclusive, reports.Pass},
		"kick/other-told":     {reports.Fail, reports.Fail, reports.Fail},
		"message/bad-ignored": {reports.Pass, reports.Pass, reports.Warn},
		"message/measured":    {reports.Pass, reports.Pass, reports.Pass},
	}
	levels := map[string]reports.Level{"message/bad-ignored": reports.Should, "message/measured": reports.Info}
	for i, load := range []float64{0, 200, 1000} {
		var results []reports.Result
		for _, id := range []string{"login/accepted", "qos/c2s-ack", "heartbeat/answer", "heartbeat/expiry", "kick/other-told", "message/bad-ignored", "message/measured"} {
			r := reports.Result{Case: id, Transport: "tcp", Level: reports.Must, Requirement: "what " + id + " asks for", Verdict: verdicts[id][i]}
			if level := levels[id]; level != "" {
				r.Level = level
			}
			if r.Verdict == reports.Fail || r.Verdict == reports.Warn {
				r.Expected, r.Actual = "an answer", "nothing within 3 s"
			}
			results = append(results, r)
		}
		level := reports.LoadLevel{Load: load, Outcome: reports.OutcomeFail, Reason: "1 of 7 cases failed", CasesFromMs: int64(i) * 30_000, CasesToMs: int64(i)*30_000 + 20_000}
		if load == 0 {
			c.Results, c.Counts = results, reports.CountVerdicts(results)
		} else {
			level.Folder = "load-200"
			level.Swarm = &reports.LevelSwarm{
				Clients: 100, FromMs: int64(i)*30_000 - 7000, SteadyFromMs: int64(i)*30_000 - 1000, ToMs: int64(i)*30_000 + 21_000, Outcome: reports.OutcomePass, Reason: "no session and no message was lost",
				Sent: 4000 * int64(i), SentPerSecond: load - 0.5, Delivered: 2000 * int64(i), Lost: int64(i) - 1, P99Us: 1200 * int64(i), Kind: "c2c_delivery", LatenessP99Us: 300,
			}
			level.RecoveryMs = int64(i) - 2
			for s := range int64(20) {
				c.UnderLoad.Seconds = append(c.UnderLoad.Seconds, reports.LoadSecond{
					AtMs: int64(i)*30_000 + s*1000, LengthMs: 1000, Sent: int64(load), Delivered: int64(load) / 2, P99Us: 1100, LateP99Us: 200,
				})
			}
		}
		c.UnderLoad.Add(level, results)
	}
	c.UnderLoad.Finish()
	c.Judge(nil, "")
	c.JudgeUnderLoad()
	return c
}
