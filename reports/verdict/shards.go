package verdict

import (
	"fmt"
	"strings"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/words"
)

// OfShards judges a load that was put together from shards: by what its worst shard came
// to, thresholds aside (see Apart), by the thresholds of the whole, and by what shows in
// all shards together only. missing are the numbers of the shards that are not there. A
// generator that was the bottleneck comes before what the target did not do, as in a run
// of one process.
func OfShards(l *reports.Load, shards []reports.ShardResult, missing []int) (reports.Outcome, string) {
	outcome, reason := worstOfShards(shards, l.Generator.Bottleneck)
	lost, crossed, undetermined := undelivered(l), CrossedThresholds(l.Thresholds), UndeterminedThresholds(l.Thresholds)
	switch {
	case outcome == reports.OutcomeUnreachable || outcome == reports.OutcomeInconclusive && l.Generator.Bottleneck:
	case crossed != "" && outcome == reports.OutcomeFail:
		reason = crossed + "; " + reason
	case crossed != "":
		outcome, reason = reports.OutcomeFail, crossed
	case outcome == reports.OutcomeFail:
	case lost > 0 && len(missing) == 0:
		outcome, reason = reports.OutcomeFail, words.Counted(lost, "message was", "messages were")+" sent and did not arrive"
	case outcome == reports.OutcomeInconclusive:
	case len(missing) > 0:
		outcome, reason = reports.OutcomeInconclusive, content.ShardList(missing, "is", "are")+" missing, and with it what it sent and received"
	case undetermined != "":
		outcome, reason = reports.OutcomeInconclusive, undetermined
	default:
		reason = "no session and no message was lost in any shard, and none between them" + impaired(l)
	}
	return outcome, reason
}

// worstOfShards is the outcome that weighs most, with the reasons of the shards
// that have it.
func worstOfShards(shards []reports.ShardResult, bottleneck bool) (reports.Outcome, string) {
	order := []reports.Outcome{reports.OutcomeUnreachable, reports.OutcomeFail, reports.OutcomeInconclusive}
	if bottleneck {
		order = []reports.Outcome{reports.OutcomeUnreachable, reports.OutcomeInconclusive, reports.OutcomeFail}
	}
	for _, outcome := range order {
		var reasons []string
		for _, s := range shards {
			if s.Outcome == outcome {
				reasons = append(reasons, fmt.Sprintf("shard %d: %s", s.Index, s.Reason))
			}
		}
		if len(reasons) > 0 {
			return outcome, strings.Join(reasons, "; ")
		}
	}
	return reports.OutcomePass, ""
}

// undelivered counts the messages to clients that did not arrive anywhere, those
// aside that their senders have given up.
func undelivered(l *reports.Load) (n int64) {
	for _, m := range l.Messages {
		if m.SeenArriving() {
			met := l.OfAway(m.Kind)
			n += max(0, m.Sent-m.Delivered-m.TooLate-m.Lost-m.Impaired.Undelivered-max(0, met.Missing-met.Lost))
		}
	}
	return n
}
