package content

import (
	"fmt"
	"strings"

	"imcheck/reports"
	"imcheck/reports/words"
)

// RecoveryWords describes how the clients of a storm came back; "" without one.
func RecoveryWords(r *reports.Recovery) string {
	switch {
	case r == nil:
		return ""
	case r.Away != nil:
		return awayWords(r)
	}
	how := "dropped"
	if r.Silent != nil {
		how = "gone without a word"
	}
	return fmt.Sprintf("%s %s after %s, all within %s; logged in again: %s",
		words.Counted(r.Dropped, "client was", "clients were"), how, words.RunTime(r.AtMs), words.Milliseconds(r.TookMs), returnTimes(r))
}

// awayWords describes an outage of our own.
func awayWords(r *reports.Recovery) string {
	a := r.Away
	text := fmt.Sprintf("we took the network away after %s for %s, from %s that were logged in: %s came through with the same session, %s gave up, %s expired at the server",
		words.RunTime(r.AtMs), words.RunTime(a.ForMs), words.Counted(a.Online, "client", "clients"), words.Grouped(a.Through), words.Grouped(a.GaveUp), words.Grouped(a.Expired))
	if r.Dropped > 0 {
		text += "; logged in again once it was back: " + returnTimes(r)
	}
	return text
}

func returnTimes(r *reports.Recovery) string {
	return strings.Join([]string{"half " + returnTime(r.P50Ms), "99 % " + returnTime(r.P99Ms), "all " + returnTime(r.P100Ms)}, ", ")
}

func returnTime(ms float64) string {
	if ms < 0 {
		return "never"
	}
	return "after " + words.Milliseconds(ms)
}

// RecoveryFaults describes what a target did wrong while the clients of a storm came back, each
// in a sentence.
func RecoveryFaults(r *reports.Recovery) (texts []string) {
	if r == nil {
		return nil
	}
	if r.Returned+r.KeptOut < r.Dropped {
		texts = append(texts, fmt.Sprintf("%s of the %s did not log in again", words.Grouped(r.Dropped-r.Returned-r.KeptOut), words.Counted(r.Dropped, "client that was dropped", "clients that were dropped")))
	}
	return append(texts, SilentFaults(r.Silent)...)
}

// SilentFaults describes what a target did wrong with connections that were abandoned, each in a
// sentence; s is nil without any.
func SilentFaults(s *reports.Silent) (texts []string) {
	if s == nil {
		return nil
	}
	for _, fault := range []struct {
		n    int64
		what string
	}{
		{s.NotKicked, "not kicked although its client came back as new"},
		{s.KickedEqual, "kicked although its client came back with the same first login time"},
		{s.Misdirected, "sent what belongs to the new one"},
		{s.Overdue, "still there when its idle timeout was long over"},
	} {
		if fault.n > 0 {
			texts = append(texts, words.Counted(fault.n, "abandoned session was ", "abandoned sessions were ")+fault.what)
		}
	}
	return texts
}

// StormTable returns what became of sessions and messages in a storm that is not of closed
// connections; empty without one.
func StormTable(r *reports.Recovery) (rows Table) {
	if r == nil || r.Silent == nil && r.Away == nil {
		return rows
	}
	rows.Titles = []string{"storm", " count", ""}
	if r.Silent != nil {
		addSilent(&rows, r.Silent)
	} else {
		addAway(&rows, r.Away)
	}
	return rows
}

func addSilent(rows *Table, s *reports.Silent) {
	good := func(what string, n int64, note string) { rows.AddText(what, words.Grouped(n), note) }
	ill := func(what string, n int64, note string) {
		if n > 0 {
			rows.Add(Cell{Text: what}, badCount(words.Grouped(n), n), Cell{Text: note})
		}
	}
	good("came back as new", s.ReturnedNew, slowest(s.NewMaxMs))
	good("came back with their first login time", s.ReturnedKept, slowest(s.KeptMaxMs))
	good("zombies", s.Zombies, "the server still had the old session then")
	if s.Unseen > 0 {
		good("not known to be zombies", s.Unseen, "nothing shows it on UDP, but for a kick")
	}
	good("self-kicks", s.SelfKicks, "kicked by the return of their own client")
	good("taken over", s.TakenOver, "by the same first login time, and nobody kicked")
	ill("not kicked", s.NotKicked, "though their client came back as new")
	ill("kicked in vain", s.KickedEqual, "though their client came back with the same first login time")
	ill("misdirected", s.Misdirected, "the old connection was sent what belongs to the new session")
	if s.Ended > 0 {
		good("closed by the server", s.Ended, "the last "+words.Milliseconds(s.ZombieMaxMs)+" after it was left")
	}
	ill("overdue", s.Overdue, "open when the idle timeout was long over")
	if s.Undecided > 0 {
		good("open at the end", s.Undecided, "their idle timeout was not over: a longer run shows whether they go")
	}
	if s.ServerFollowed {
		good("kicks by the server's events", s.ServerKicks, "logouts of these users with the code of a login elsewhere")
		good("other ends by the server's events", s.ServerEnds, "")
	}
}

func slowest(ms float64) string {
	if ms < 0 {
		return ""
	}
	return "the last after " + words.Milliseconds(ms)
}

func addAway(rows *Table, a *reports.Away) {
	rows.AddText("logged in", words.Grouped(a.Online), "when the network went away")
	rows.AddText("came through", words.Grouped(a.Through), "with the same session")
	rows.AddText("gave up", words.Grouped(a.GaveUp), "for want of answers")
	rows.AddText("expired", words.Grouped(a.Expired), "at the server, which heard nothing for its idle timeout")
	rows.AddText("datagrams lost", words.Grouped(a.Dropped), "by us, in both directions")
	rows.AddText("messages held up", words.Grouped(a.Held), "on streams, in both directions")
	if a.Offline > 0 {
		rows.AddText("sends without a login", words.Grouped(a.Offline), "due while their clients were out for it")
	}
	if a.Blocked > 0 {
		rows.AddText("sends that waited in vain", words.Grouped(a.Blocked), "for ACKs that could not come")
	}
	for _, m := range a.Messages {
		note := fmt.Sprintf("that it may have met: %s acknowledged, %s of them after a further copy, %s lost", words.Grouped(m.Acknowledged), words.Grouped(m.Rescued), words.Grouped(m.Lost))
		if m.Pending > 0 {
			note += ", " + words.Grouped(m.Pending) + " pending"
		}
		if m.Missing > 0 {
			note += ", " + words.Grouped(m.Missing) + " did not arrive"
		}
		if m.TooLate > 0 {
			note += ", " + words.Grouped(m.TooLate) + " too late"
		}
		rows.AddText(string(m.Kind)+" messages", words.Grouped(m.Sent), note)
	}
}
