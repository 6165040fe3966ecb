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
	if words := content.UnfinishedWords(l); words != "" {
		found = append(found, odd("load", words))
	}
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
	if words := content.LostWords(l.Sessions); words != "" {
		found = append(found, bad("load-sessions", words))
	}
	for _, m := range l.Messages {
		found = append(found, ledgerFindings(l, m)...)
	}
	for _, words := range content.RisingWords(l.Trends) {
		found = append(found, odd("load-trends", words))
	}
	if words := content.RecoveryWords(l.Recovery); words != "" {
		add := quiet
		if l.Recovery.Returned < l.Recovery.Dropped {
			add = bad
		}
		found = append(found, add("load-course", words))
		for _, text := range content.SilentFaults(l.Recovery.Silent) {
			found = append(found, bad("load-storm", text))
		}
	}
	found = append(found, generatorFindings(l.Generator)...)
	if words := content.LoopWords(l); words != "" {
		found = append(found, quiet("load-latency", words))
	}
	return found
}

// ledgerFindings returns what went wrong with messages of one kind.
func ledgerFindings(l *reports.Load, m reports.Ledger) (found []loadFinding) {
	for _, text := range content.LedgerFaults(l, m) {
		found = append(found, bad("load-messages", text))
	}
	for _, text := range content.UnheededWords([]reports.Ledger{m}) {
		found = append(found, odd("load-messages", text))
	}
	for _, text := range content.Imbalances(l, m) {
		found = append(found, odd("load-messages", text))
	}
	return found
}

func generatorFindings(g reports.Generator) (found []loadFinding) {
	for _, f := range []struct {
		n    int64
		text string
	}{
		{g.DroppedArrivals, words.Counted(g.DroppedArrivals, "send was", "sends were") + " left out: the generator was too slow"},
		{g.OfflineArrivals, words.Counted(g.OfflineArrivals, "send was", "sends were") + " due while the client was not logged in, and left out"},
		{g.ImpairedArrivals, words.Counted(g.ImpairedArrivals, "send was", "sends were") + " due while our own impairment of the path kept the client out"},
		{g.BlockedArrivals, words.Counted(g.BlockedArrivals, "send", "sends") + " waited in vain for ACKs of earlier ones"},
	} {
		if f.n > 0 {
			found = append(found, odd("load-generator", f.text))
		}
	}
	return found
}
