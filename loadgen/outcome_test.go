package loadgen

import (
	"strings"
	"testing"
	"time"

	"imcheck/reports"
)

func TestOutcome(t *testing.T) {
	lost := func(r *result) {
		r.sessions.lose(loss{at: time.Second, user: "u1", cause: causeReset})
	}
	tests := []struct {
		name   string
		change func(r *result)
		want   reports.Outcome
		reason string
	}{
		{"all is well", func(*result) {}, reports.OutcomePass, "no session"},
		{"interrupted", func(r *result) { r.ending.how = interrupted }, reports.OutcomeUnreachable, "interrupted after 30.0 s"},
		{"nobody there", func(r *result) { r.sessions = newSessions(); lost(r) }, reports.OutcomeUnreachable, "u1 on udp after 1.0 s: connection reset"},
		{"every login refused", func(r *result) { r.sessions = newSessions(); r.sessions.dismissed = 10 }, reports.OutcomeFail, "refused"},
		{"the target went away", func(r *result) { lost(r); r.sessions.atEnd = 0; r.ending.how = deserted }, reports.OutcomeUnreachable, "went away"},
		{"the target still lets clients in", func(r *result) {
			lost(r)
			r.sessions.atEnd, r.lastLogin = 0, 20*time.Second
			r.ending.outages = []reports.Outage{{FromMs: 10_000, ToMs: 30_000}}
		}, reports.OutcomeFail, "1 session was lost; nobody was online from 10.0 s"},
		{"the target sent everybody away", func(r *result) { lost(r); r.sessions.atEnd, r.sessions.dismissed = 0, 1 }, reports.OutcomeFail, "1 session"},
		{"a session lost", lost, reports.OutcomeFail, "1 session was lost; first u1"},
		{"clients that were never tried", func(r *result) {
			r.sessions.lose(loss{at: time.Second, user: "u1", cause: causeQueued})
		}, reports.OutcomeInconclusive, "1 client was never tried"},
		{"clients that were never tried are not the first loss", func(r *result) {
			r.sessions.lose(loss{at: time.Second, user: "u0", cause: causeQueued})
			lost(r)
		}, reports.OutcomeFail, "2 sessions were lost; first u1"},
		{"a flood comes before what follows from it", func(r *result) {
			r.sessions.lose(loss{at: time.Second, user: "u1", cause: causeUnasked, detail: &unaskedError{700}})
			r.sessions.atEnd, r.unasked = 0, 1200
			r.generator = reports.Generator{Bottleneck: true, BottleneckEvidence: "late"}
		}, reports.OutcomeFail, "sent 1200 messages that nobody asked for, and 1 session was ended for it; first u1"},
		{"stopped meanwhile, as sessions show", func(r *result) {
			lost(r)
			r.sessions.atEnd, r.generator = 0, reports.Generator{PausedMs: 12_000, Bottleneck: true}
		}, reports.OutcomeInconclusive, "while this process is stopped"},
		{"stopped while the clients logged in", func(r *result) {
			r.sessions, r.generator = newSessions(), reports.Generator{PausedMs: 12_000, Bottleneck: true}
			lost(r)
		}, reports.OutcomeInconclusive, "while this process is stopped"},
		{"a message lost", func(r *result) { r.messages[0].Lost = 1 }, reports.OutcomeFail, "1 c2s message was lost"},
		{"messages without an ACK", func(r *result) { r.messages[1].Pending = 2 }, reports.OutcomeFail, "2 c2c messages were still"},
		{"messages that did not arrive", func(r *result) { r.messages[1].Missing = 3 }, reports.OutcomeFail, "3 c2c messages"},
		{"messages that arrived too late", func(r *result) { r.messages[1].TooLate = 1 }, reports.OutcomeFail, "1 c2c message arrived more than 18s"},
		{"messages from nobody", func(r *result) { r.messages[1].Stray = 2 }, reports.OutcomeFail, "2 c2c copies arrived"},
		{"an account that is wrong", func(r *result) { r.messages[1].Unbalanced = 1 }, reports.OutcomeInconclusive, "does not balance"},
		{"a threshold crossed", func(r *result) {
			r.thresholds = []reports.Threshold{{Expression: "a", Held: true}, {Expression: "b.p99<1ms", Actual: 2, Unit: "ms"}}
		}, reports.OutcomeFail, "1 of 2 thresholds was crossed: b.p99<1ms measured 2ms"},
		{"a threshold without a figure", func(r *result) {
			r.thresholds = []reports.Threshold{{Expression: "b.p99<1ms", Note: "nothing was measured"}}
		}, reports.OutcomeFail, "b.p99<1ms: nothing was measured"},
		{"ended by a threshold", func(r *result) {
			r.ending.how = aborted
			r.thresholds = []reports.Threshold{{Expression: "abort:b.p99<1ms", Actual: 2, Unit: "ms"}}
		}, reports.OutcomeFail, "ended after 30.0 s: 1 of 1 thresholds"},
		{"sends that never began", func(r *result) { r.blocked = 2 }, reports.OutcomeFail, "2 sends could not be started"},
		{"a slow generator is not blamed on the target", func(r *result) {
			lost(r)
			r.generator = reports.Generator{Bottleneck: true, BottleneckEvidence: "late"}
		}, reports.OutcomeInconclusive, "fewer clients"},
		{"a slow generator with much to read", func(r *result) {
			r.unasked = 10_000
			r.generator = reports.Generator{Bottleneck: true, BottleneckEvidence: "late"}
		}, reports.OutcomeInconclusive, "a faster machine; the target sent 10000 messages that nobody asked for"},
		{"less load than asked for", func(r *result) { r.notOnline = 3 }, reports.OutcomeInconclusive, "--warmup"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			r := result{
				ending:   ending{how: completed, at: 30 * time.Second},
				sessions: sessions{loggedIn: 10, atEnd: 10, lost: map[string]int64{}},
				messages: []reports.Ledger{{Kind: "c2s"}, {Kind: "c2c"}},
			}
			test.change(&r)
			outcome, reason := r.outcome()
			if outcome != test.want || !strings.Contains(reason, test.reason) {
				t.Errorf("got %s: %s; want %s: …%s…", outcome, reason, test.want, test.reason)
			}
		})
	}
}
