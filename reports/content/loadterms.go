package content

import (
	"cmp"
	"strings"

	"imcheck/reports"
)

// LoadTerm is one of the options that two loads have to share for their figures to be
// comparable.
type LoadTerm struct {
	Flag  string
	Value any // comparable
}

// LoadTerms returns what a load asked of its target. Runs that differ in it are neither
// compared with each other nor added up, and make no trend.
func LoadTerms(l *reports.Load) []LoadTerm {
	return []LoadTerm{
		{"--scenario", l.Scenario},
		{ClientsTerm, ClientWords(l.Clients)},
		{"stages", cmp.Or(StagesWords(l.Stages), "none")},
		{"--rate", l.RatePerSecond},
		{"--payload", l.PayloadBytes},
		{"--in-flight", l.InFlight},
		{"--impair", cmp.Or(strings.Join(l.ImpairmentSpecs(), "; "), "none")},
		{"mix", cmp.Or(MixWords(l.Parts), "none")},
		{"storm.how", cmp.Or(l.Storm, reports.StormClose)},
	}
}

// ClientsTerm is the flag of the clients, of which a shard has a part.
const ClientsTerm = "--clients"
