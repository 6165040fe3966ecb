package page

import (
	"fmt"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/words"
)

// loadFinding is something that a reader of a load has to know before its figures.
type loadFinding struct {
	Class  string // bad, odd or quiet
	Symbol string // the same without colour
	Text   string
	Anchor string // anchor of the part of the page with details
}

func bad(anchor, text string) loadFinding   { return loadFinding{"bad", "✗", text, anchor} }
func odd(anchor, text string) loadFinding   { return loadFinding{"odd", "!", text, anchor} }
func quiet(anchor, text string) loadFinding { return loadFinding{"quiet", "–", text, anchor} }

// loadFindings returns what the target did not do, what the generator could not do, and
// what a reader of the figures has to know.
func loadFindings(l *reports.Load) (found []loadFinding) {
	for _, t := range l.Thresholds {
		words := content.ThresholdActual(t) + content.EndedRun(t)
		switch {
		case t.Unknown:
			found = append(found, odd("load-thresholds", fmt.Sprintf("%s is not known to hold: %s", t.Expression, words)))
		case !t.Held:
			found = append(found, bad("load-thresholds", fmt.Sprintf("%s was crossed: %s", t.Expression, words)))
		}
	}
	if words := content.OutageWords(l.Sessions); words != "" {
		found = append(found, bad("load-course", words))
	}
	if causes, total := content.LostByCause(l.Sessions); total > 0 {
		found = append(found, bad("load-sessions", lostWords(causes, total)))
	}
	for _, m := range l.Messages {
		found = append(found, ledgerFindings(l, m)...)
	}
	if words := content.RecoveryWords(l.Recovery); words != "" {
		add := quiet
		if l.Recovery.Returned < l.Recovery.Dropped {
			add = bad
		}
		found = append(found, add("load-course", words))
	}
	found = append(found, generatorFindings(l.Generator)...)
	if words := content.LoopWords(l); words != "" {
		found = append(found, quiet("load-latency", words))
	}
	return found
}

// lostWords returns text such as "300 sessions were lost, 199 of them: closed by the server".
func lostWords(causes []content.LossCause, total int64) string {
	lost := words.Counted(total, "session was lost", "sessions were lost")
	if len(causes) == 1 {
		return lost + ": " + causes[0].Cause
	}
	return fmt.Sprintf("%s, %s of them: %s", lost, words.Grouped(causes[0].Count), causes[0].Cause)
}

// ledgerFindings returns what went wrong with messages of one kind.
func ledgerFindings(l *reports.Load, m reports.Ledger) (found []loadFinding) {
	messages := func(n int64, what string) string {
		return fmt.Sprintf("%s %s", words.Counted(n, string(m.Kind)+" message was", string(m.Kind)+" messages were"), what)
	}
	for _, f := range []struct {
		n    int64
		text string
	}{
		{m.Lost, messages(m.Lost, "given up: not acknowledged in time")},
		{m.Pending, messages(m.Pending, "still not acknowledged at the end")},
		{m.TooLate, messages(m.TooLate, "delivered only after the sender had given up")},
		{m.Unexpected, messages(m.Unexpected, "received that nobody had sent")},
	} {
		if f.n > 0 {
			found = append(found, bad("load-messages", f.text))
		}
	}
	if m.Missing > 0 && !isShard(l) {
		found = append(found, bad("load-messages", messages(m.Missing, "sent and did not arrive")))
	}
	for _, b := range balances(l, m) {
		if b.Off != "" {
			found = append(found, odd("load-messages", fmt.Sprintf("the account of %s messages does not balance: %s", m.Kind, b.Off)))
		}
	}
	return found
}

// isShard reports whether other shards have the rest of the run.
func isShard(l *reports.Load) bool { return l.Shard.Of > 0 && len(l.Shards) == 0 }

func generatorFindings(g reports.Generator) (found []loadFinding) {
	for _, f := range []struct {
		n    int64
		text string
	}{
		{g.DroppedArrivals, words.Counted(g.DroppedArrivals, "send was", "sends were") + " left out: the generator was too slow"},
		{g.OfflineArrivals, words.Counted(g.OfflineArrivals, "send was", "sends were") + " due while the client was not logged in, and left out"},
		{g.BlockedArrivals, words.Counted(g.BlockedArrivals, "send", "sends") + " waited in vain for ACKs of earlier ones"},
	} {
		if f.n > 0 {
			found = append(found, odd("load-generator", f.text))
		}
	}
	return found
}
