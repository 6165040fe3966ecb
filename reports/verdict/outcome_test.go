package verdict

import (
	"strings"
	"testing"
	"time"

	"imcheck/reports"
)

// result is a load that is judged.
type result struct {
	load reports.Load
	run  Run
}

// lose loses the session of a client, the first one so far.
func (r *result) lose(cause string) {
	if r.load.Sessions.LostByCause == nil {
		r.load.Sessions.LostByCause = map[string]int64{}
	}
	r.load.Sessions.LostByCause[cause]++
	r.run.FirstLoss = "u1: " + cause
}

func TestOutcome(t *testing.T) {
	lost := func(r *result) { r.lose("connection reset") }
	tests := []struct {
		name   string
		change func(r *result)
		want   reports.Outcome
		reason string
	}{
		{"all is well", func(*result) {}, reports.OutcomePass, "no session"},
		{"interrupted", func(r *result) { r.run.Interrupted = true }, reports.OutcomeUnreachable, "interrupted after 30.0 s"},
		{"nobody there", func(r *result) { r.load.Sessions = reports.Sessions{}; lost(r) }, reports.OutcomeUnreachable, "u1: connection reset"},
		{"every login refused", func(r *result) { r.load.Sessions = reports.Sessions{}; r.run.Dismissed = 10 }, reports.OutcomeUnreachable, "refused"},
		{"every login refused with a code", func(r *result) {
			r.load.Sessions = reports.Sessions{LostByCause: map[string]int64{reports.CauseRefused + "1025": 40, "connection reset": 1}}
			r.run.Dismissed = 40
		}, reports.OutcomeUnreachable, "the target is there, but it refused all 40 logins with code 1025: does it know its users?"},
		{"every login refused with several", func(r *result) {
			r.load.Sessions = reports.Sessions{LostByCause: map[string]int64{reports.CauseRefused + "1025": 1, reports.CauseRefused + "7": 1}}
			r.run.Dismissed = 2
		}, reports.OutcomeUnreachable, "the target is there, but it refused all 2 logins with codes 1025, 7: does it know its users?"},
		{"the target went away", func(r *result) { lost(r); r.load.Sessions.AtEnd = 0 }, reports.OutcomeUnreachable, "went away"},
		{"the target still lets clients in", func(r *result) {
			lost(r)
			r.load.Sessions.AtEnd, r.load.LastLoginMs = 0, 20_000
			r.load.Sessions.Outages = []reports.Outage{{FromMs: 10_000, ToMs: 30_000}}
		}, reports.OutcomeFail, "1 session was lost; nobody was online from 10.0 s"},
		{"the target sent everybody away", func(r *result) { lost(r); r.load.Sessions.AtEnd, r.run.Dismissed = 0, 1 }, reports.OutcomeFail, "1 session"},
		{"what our impairment of the path has cost", func(r *result) {
			r.load.Sessions.LostByCause = map[string]int64{reports.CauseImpaired: 2}
			r.load.Messages = append(r.load.Messages, reports.Ledger{Kind: "c2c", Sent: 9, Acknowledged: 8, Delivered: 6, Impaired: reports.ImpairedMessages{Unacked: 1, Undelivered: 3}})
		}, reports.OutcomePass, "no session and no message was lost, but for 2 sessions and 3 messages by our own impairment of the path"},
		{"a session lost besides", func(r *result) {
			lost(r)
			r.load.Sessions.LostByCause[reports.CauseImpaired] = 2
		}, reports.OutcomeFail, "1 session was lost"},
		{"no login gets through our impairment", func(r *result) {
			r.load.Sessions = reports.Sessions{LostByCause: map[string]int64{reports.CauseImpaired: 2}}
		}, reports.OutcomeInconclusive, "impair the path less"},
		{"a session lost", lost, reports.OutcomeFail, "1 session was lost; first u1"},
		{"clients that were never tried", func(r *result) {
			r.lose(reports.CauseQueued)
		}, reports.OutcomeInconclusive, "1 client was never tried"},
		{"a session lost, and clients that were never tried", func(r *result) {
			r.lose(reports.CauseQueued)
			lost(r)
		}, reports.OutcomeFail, "2 sessions were lost; first u1"},
		{"a flood comes before what follows from it", func(r *result) {
			r.lose(reports.CauseUnexpected)
			r.load.Sessions.AtEnd, r.run.Unexpected = 0, 1200
			r.load.Generator = reports.Generator{Bottleneck: true, BottleneckEvidence: "late"}
		}, reports.OutcomeFail, "sent 1200 messages that nobody asked for, and 1 session was ended for it; first u1"},
		{"stopped meanwhile, as sessions show", func(r *result) {
			lost(r)
			r.load.Sessions.AtEnd, r.load.Generator = 0, reports.Generator{PausedMs: 12_000, Bottleneck: true}
		}, reports.OutcomeInconclusive, "while this process is stopped"},
		{"stopped while the clients logged in", func(r *result) {
			r.load.Sessions, r.load.Generator = reports.Sessions{}, reports.Generator{PausedMs: 12_000, Bottleneck: true}
			lost(r)
		}, reports.OutcomeInconclusive, "while this process is stopped"},
		{"a message lost", func(r *result) { r.load.Messages[0].Lost = 1 }, reports.OutcomeFail, "1 c2s message was lost"},
		{"messages without an ACK", func(r *result) { r.load.Messages[1].Pending = 2 }, reports.OutcomeFail, "2 c2c messages were still"},
		{"messages that did not arrive", func(r *result) { r.load.Messages[1].Missing = 3 }, reports.OutcomeFail, "3 c2c messages"},
		{"messages that arrived too late", func(r *result) { r.load.Messages[1].TooLate = 1 }, reports.OutcomeFail, "1 c2c message arrived more than 18s"},
		{"messages from nobody", func(r *result) { r.load.Messages[1].Unexpected = 2 }, reports.OutcomeFail, "2 c2c copies arrived"},
		{"an account that is wrong", func(r *result) { r.load.Messages[1].Unbalanced = 1 }, reports.OutcomeInconclusive, "does not balance"},
		{"a threshold crossed", func(r *result) {
			r.load.Thresholds = []reports.Threshold{{Expression: "a", Held: true}, {Expression: "b.p99<1ms", Actual: 2, Unit: "ms"}}
		}, reports.OutcomeFail, "1 of 2 thresholds was crossed: b.p99<1ms measured 2ms"},
		{"a threshold without a figure", func(r *result) {
			r.load.Thresholds = []reports.Threshold{{Expression: "b.p99<1ms", Note: "nothing was measured"}}
		}, reports.OutcomeFail, "b.p99<1ms: nothing was measured"},
		{"ended by a threshold", func(r *result) {
			r.run.Aborted = true
			r.load.Thresholds = []reports.Threshold{{Expression: "abort:b.p99<1ms", Actual: 2, Unit: "ms"}}
		}, reports.OutcomeFail, "ended after 30.0 s: 1 of 1 thresholds"},
		{"sends that never began", func(r *result) { r.load.Generator.BlockedArrivals = 2 }, reports.OutcomeFail, "2 sends could not be started"},
		{"a slow generator is not blamed on the target", func(r *result) {
			lost(r)
			r.load.Generator = reports.Generator{Bottleneck: true, BottleneckEvidence: "late"}
		}, reports.OutcomeInconclusive, "fewer clients"},
		{"a slow generator with much to read", func(r *result) {
			r.run.Unexpected = 10_000
			r.load.Generator = reports.Generator{Bottleneck: true, BottleneckEvidence: "late"}
		}, reports.OutcomeInconclusive, "less busy; the target sent 10000 messages that nobody asked for"},
		{"less load than asked for", func(r *result) { r.load.Generator.OfflineArrivals = 3 }, reports.OutcomeInconclusive, "--warmup"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := result{run: Run{At: 30 * time.Second}}
			r.load.Sessions = reports.Sessions{LoggedIn: 10, AtEnd: 10}
			r.load.Messages = []reports.Ledger{{Kind: "c2s"}, {Kind: "c2c"}}
			test.change(&r)
			outcome, reason := Of(&r.load, r.run)
			if outcome != test.want || !strings.Contains(reason, test.reason) {
				t.Errorf("got %s: %s; want %s: …%s…", outcome, reason, test.want, test.reason)
			}
		})
	}
}

// A shard cannot tell a message that went to another one from one that got
// lost, and does not fail for it.
func TestShardDoesNotJudgeDelivery(t *testing.T) {
	l := &reports.Load{
		Messages: []reports.Ledger{{Kind: "c2c", Sent: 3, Acknowledged: 3, Delivered: 1, Missing: 2}},
		Sessions: reports.Sessions{LoggedIn: 1, AtEnd: 1},
	}
	if outcome, _ := Of(l, Run{}); outcome != reports.OutcomeFail {
		t.Errorf("a whole run is %s, want fail", outcome)
	}
	l.Shard.Of = 2
	if outcome, reason := Of(l, Run{}); outcome != reports.OutcomePass {
		t.Errorf("a shard is %s: %s; want pass", outcome, reason)
	}
}
