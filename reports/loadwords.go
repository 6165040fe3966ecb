package reports

import (
	"fmt"
	"strings"
)

// recoveryWords says how the clients of a storm came back, "" without one.
func recoveryWords(r *Recovery) string {
	if r == nil {
		return ""
	}
	parts := []string{"half " + returnTime(r.P50Ms), "99 % " + returnTime(r.P99Ms), "all " + returnTime(r.P100Ms)}
	return fmt.Sprintf("%s dropped after %s, all within %s; logged in again: %s",
		counted(r.Dropped, "client was", "clients were"), runTime(r.AtMs), milliseconds(r.TookMs), strings.Join(parts, ", "))
}

func returnTime(ms float64) string {
	if ms < 0 {
		return "never"
	}
	return "after " + milliseconds(ms)
}

// loopWords warns of what a closed loop hides, "" for an open one.
func loopWords(l *Load) string {
	if l.Scenario != "echo" {
		return ""
	}
	return "closed loop: each client asks when it has its answer, so that a server that stalls is asked less; " +
		"compare these figures with those of other closed loops only"
}

// outageWords says when nobody was online, "" when somebody always was.
func outageWords(s Sessions) string {
	if len(s.Outages) == 0 {
		return ""
	}
	parts := make([]string, len(s.Outages))
	for i, o := range s.Outages {
		parts[i] = "from " + runTime(o.FromMs) + " to " + runTime(o.ToMs)
	}
	return "nobody was online " + strings.Join(parts, ", ")
}

// kindWords makes the name of a kind readable: "c2c_ack" is "c2c ack".
func kindWords(kind string) string { return strings.ReplaceAll(kind, "_", " ") }

func sessionWords(s Sessions) string {
	_, lost := lostByCause(s)
	return fmt.Sprintf("%s, at most %s online at once, %s at the end, %s lost",
		counted(s.LoggedIn, "login", "logins"), grouped(s.PeakOnline), grouped(s.AtEnd), grouped(lost))
}

func generatorWords(g Generator) string {
	parts := []string{
		fmt.Sprintf("sends late by %s at p50, %s at p99, %s at most", microseconds(g.LatenessP50Us), microseconds(g.LatenessP99Us), microseconds(g.LatenessMaxUs)),
		counted(g.DroppedArrivals, "send", "sends") + " dropped",
	}
	if g.OfflineArrivals > 0 {
		parts = append(parts, counted(g.OfflineArrivals, "send", "sends")+" due without a login")
	}
	if g.BlockedArrivals > 0 {
		parts = append(parts, counted(g.BlockedArrivals, "send", "sends")+" waited for ACKs to no end")
	}
	parts = append(parts,
		fmt.Sprintf("%.1f s of CPU", g.CPUSeconds),
		gcWords(g),
		byteSize(g.ResidentBytes)+" resident")
	if g.OpenFiles > 0 {
		parts = append(parts, counted(g.OpenFiles, "open file", "open files"))
	}
	if g.BytesPerClient > 0 {
		parts = append(parts, byteSize(g.BytesPerClient)+" a client")
	}
	words := strings.Join(parts, "; ")
	if g.ServerInProcess {
		words += " (CPU and memory with the server, which ran in the same process)"
	}
	return words
}

func gcWords(g Generator) string {
	text := counted(g.GCs, "garbage collection", "garbage collections")
	if g.GCs > 0 {
		text += " with pauses of " + microseconds(g.GCPauseMaxUs) + " at most"
	}
	return text
}

// shardWords is "shard 2 of 4: " before the summary of a shard, "4 shards: " of
// a merged run, and "" of any other.
func shardWords(l *Load) string {
	switch {
	case len(l.Shards) > 0:
		return counted(int64(len(l.Shards)), "shard", "shards") + ": "
	case l.Shard.Of > 0:
		return fmt.Sprintf("shard %d of %d: ", l.Shard.Index, l.Shard.Of)
	}
	return ""
}

// loadSummary is a whole load run in half a line.
func loadSummary(l *Load) string {
	var clients, sent, lost int64
	for _, n := range l.Clients {
		clients += int64(n)
	}
	for _, m := range l.Messages {
		sent += m.Sent
		lost += m.Lost
	}
	asked := counted(clients, "client", "clients")
	if each := clientWords(l.Clients); each != "" {
		asked += " (" + each + ")"
	}
	return shardWords(l) + fmt.Sprintf("%s, %s sent, %s lost, in %s", asked, counted(sent, "message", "messages"), grouped(lost), runTime(l.DurationMs))
}

// clientWords is "100 udp, 50 tcp".
func clientWords(byTransport map[string]int) string {
	var parts []string
	for _, t := range sortedTransports(byTransport) {
		parts = append(parts, grouped(int64(byTransport[t]))+" "+t)
	}
	return strings.Join(parts, ", ")
}

// bottleneckSummary comes before everything else: figures that describe the
// generator must not be read as the target's.
func bottleneckSummary(g Generator) string {
	if g.BottleneckEvidence == "" {
		return "the load generator was the bottleneck: the figures describe it, not the target"
	}
	return "the load generator was the bottleneck: " + g.BottleneckEvidence
}
