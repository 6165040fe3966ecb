package content

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"imcheck/reports"
	"imcheck/reports/words"
)

// LoopWords warns of what a closed loop hides, "" for an open one.
func LoopWords(l *reports.Load) string {
	if !l.ClosedLoop {
		return ""
	}
	return "closed loop: each client asks when it has its answer, so that a server that stalls is asked less; " +
		"compare these figures with those of other closed loops only"
}

// MixWords describes the parts of a mix, "" without any: "mix: 90 clients idle, 8 chat".
func MixWords(parts []reports.Part) string {
	var each []string
	for _, p := range parts {
		text := words.Counted(int64(p.Clients), "client", "clients") + " " + p.Scenario
		if p.RatePerSecond > 0 {
			text += " at " + words.Trimmed(p.RatePerSecond) + " per second"
		}
		each = append(each, text)
	}
	if each == nil {
		return ""
	}
	return "mix: " + strings.Join(each, ", ")
}

// FanOutWords describes the messages to groups, "" without any.
func FanOutWords(f *reports.FanOut) string {
	if f == nil {
		return ""
	}
	return fmt.Sprintf("fan-out: %s to groups of %d were due, and %s arrived at all members",
		words.Counted(f.Messages, "message", "messages"), f.Group, words.Grouped(f.Complete))
}

// BacklogWords describes what became of messages to clients that were away, "" without any.
func BacklogWords(b *reports.Backlog) string {
	if b == nil {
		return ""
	}
	text := fmt.Sprintf("backlog: %s to %s that were away; %s acknowledged as stored, %s arrived after the return of %s (%s further copies, %s out of order)",
		words.Counted(b.Sent, "message", "messages"), words.Counted(b.Absent, "client", "clients"), words.Grouped(b.Stored),
		words.Grouped(b.Delivered), words.Grouped(b.Returned), words.Grouped(b.Duplicated), words.Grouped(b.Reordered))
	switch {
	case b.Sent == 0 || b.Returned == 0 || b.Delivered > 0:
	case b.Stored == 0:
		text += "; the target has no offline store, or none for these users: it acknowledged nothing and delivered nothing"
	default:
		text += "; the target says that it stores messages, and delivers none at the login: the protocol leaves that to the application"
	}
	if b.Early > 0 {
		text += fmt.Sprintf("; %s arrived although the client had logged out", words.Grouped(b.Early))
	}
	return text
}

// OutageWords describes when nobody was online; "" when somebody always was.
func OutageWords(s reports.Sessions) string {
	if len(s.Outages) == 0 {
		return ""
	}
	parts := make([]string, len(s.Outages))
	for i, o := range s.Outages {
		parts[i] = "from " + words.RunTime(o.FromMs) + " to " + words.RunTime(o.ToMs)
	}
	return "nobody was online " + strings.Join(parts, ", ")
}

// KindWords makes the name of a kind readable: "c2c_ack" is "c2c ack".
func KindWords(kind reports.LatencyKind) string { return strings.ReplaceAll(string(kind), "_", " ") }

// LossCause has the number of sessions that were lost for one reason.
type LossCause struct {
	Cause string
	Count int64
}

// LostByCause lists the causes, the most frequent first.
func LostByCause(s reports.Sessions) (causes []LossCause, total int64) {
	for cause, count := range s.LostByCause {
		causes = append(causes, LossCause{cause, count})
		total += count
	}
	slices.SortFunc(causes, func(a, b LossCause) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Cause, b.Cause))
	})
	return causes, total
}

// SessionWords describes how many sessions there were, and how many were lost.
func SessionWords(s reports.Sessions) string {
	_, lost := LostByCause(s)
	ours := s.LostByCause[reports.CauseImpaired]
	text := fmt.Sprintf("%s, at most %s online at once, %s at the end, %s lost",
		words.Counted(s.LoggedIn, "login", "logins"), words.Grouped(s.PeakOnline), words.Grouped(s.AtEnd), words.Grouped(lost-ours))
	if ours > 0 {
		text += fmt.Sprintf(", %s ended by our own impairment of the path", words.Grouped(ours))
	}
	return text
}

// GeneratorWords describes how the generator itself performed: how late it was, what it
// left out, and what it took.
func GeneratorWords(g reports.Generator) string {
	parts := []string{
		fmt.Sprintf("sends late by %s at p50, %s at p99, %s at most",
			words.Microseconds(g.LatenessP50Us), words.Microseconds(g.LatenessP99Us), words.Microseconds(g.LatenessMaxUs)),
		words.Counted(g.DroppedArrivals, "send", "sends") + " dropped",
	}
	if g.OfflineArrivals > 0 {
		parts = append(parts, words.Counted(g.OfflineArrivals, "send", "sends")+" due without a login")
	}
	if g.ImpairedArrivals > 0 {
		parts = append(parts, words.Counted(g.ImpairedArrivals, "send", "sends")+" due while our own impairment of the path kept the client out")
	}
	if g.BlockedArrivals > 0 {
		parts = append(parts, words.Counted(g.BlockedArrivals, "send", "sends")+" waited in vain for ACKs")
	}
	parts = append(parts,
		fmt.Sprintf("%.1f s of CPU", g.CPUSeconds),
		GCWords(g),
		words.ByteSize(g.ResidentBytes)+" resident")
	if g.OpenFiles > 0 {
		parts = append(parts, words.Counted(g.OpenFiles, "open file", "open files"))
	}
	if g.BytesPerClient > 0 {
		parts = append(parts, words.ByteSize(g.BytesPerClient)+" a client")
	}
	text := strings.Join(parts, "; ")
	if g.ServerInProcess {
		text += " (CPU and memory with the server, which ran in the same process)"
	}
	return text
}

// GCWords returns text such as "3 garbage collections with pauses of 1.2 ms at most".
func GCWords(g reports.Generator) string {
	text := words.Counted(g.GCs, "garbage collection", "garbage collections")
	if g.GCs > 0 {
		text += " with pauses of " + words.Microseconds(g.GCPauseMaxUs) + " at most"
	}
	return text
}

// shardWords returns "shard 2 of 4: " for the summary of a shard, "4 shards: " for a merged
// run, and "" for any other.
func shardWords(l *reports.Load) string {
	switch {
	case len(l.Shards) > 0:
		return words.Counted(int64(len(l.Shards)), "shard", "shards") + ": "
	case l.Shard.Of > 0:
		return fmt.Sprintf("shard %d of %d: ", l.Shard.Index, l.Shard.Of)
	}
	return ""
}

// LoadSummary summarizes a load run in half a line.
func LoadSummary(l *reports.Load) string {
	var lost int64
	for _, m := range l.Messages {
		lost += m.Lost
	}
	asked := words.Counted(int64(l.ClientCount()), "client", "clients")
	if each := ClientWords(l.Clients); each != "" {
		asked += " (" + each + ")"
	}
	return shardWords(l) + fmt.Sprintf("%s, %s sent, %s lost, in %s", asked, words.Counted(l.SentCount(), "message", "messages"), words.Grouped(lost), words.RunTime(l.DurationMs))
}

// ClientWords returns text such as "100 udp, 50 tcp".
func ClientWords(byTransport map[string]int) string {
	var parts []string
	for _, t := range reports.SortedTransports(byTransport) {
		parts = append(parts, words.Grouped(int64(byTransport[t]))+" "+t)
	}
	return strings.Join(parts, ", ")
}

// BottleneckSummary comes before everything else: figures that describe the
// generator must not be read as the target's.
func BottleneckSummary(g reports.Generator) string {
	if g.BottleneckEvidence == "" {
		return "the load generator was the bottleneck: the figures describe it, not the target"
	}
	return "the load generator was the bottleneck: " + g.BottleneckEvidence
}
