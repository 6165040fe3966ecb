package suite

import (
	"slices"
	"testing"

	"imcheck/protocol/versions"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

func TestSinceNamesRequirementsAndVersions(t *testing.T) {
	for id, first := range since {
		if isUnknown(id) {
			t.Errorf("%q is no requirement", id)
		}
		if v, err := versions.Parse(string(first)); err != nil || v == versions.Known[0] {
			t.Errorf("%s: since %q, %v: a rule of the first version has no entry", id, first, err)
		}
	}
}

// The newest of the requirements that a case covers decides, and those that every version
// keeps do not count.
func TestSinceOfACase(t *testing.T) {
	for want, covers := range map[versions.Version][]string{
		"":           {"login-accepted", "new-replaces"},
		versions.V62: {"told-not-replaced", "told-logout"},
		versions.V65: {"told-logout", "equal-takes-over", "told-kick"},
	} {
		if got := (Case{Covers: covers}).Since(); got != want {
			t.Errorf("%q: since %q, want %q", covers, got, want)
		}
		if got := (Case{Covers: covers[:1], Relies: covers[1:]}).Since(); got != want {
			t.Errorf("%q, relying on %q: since %q, want %q", covers[:1], covers[1:], got, want)
		}
	}
}

func TestSelectByVersion(t *testing.T) {
	younger := []Case{
		{ID: "login/a", Covers: []string{"login-accepted"}, Transports: []wire.Transport{wire.TCP}},
		{ID: "kick/b", Covers: []string{"told-kick"}, Transports: []wire.Transport{wire.TCP}},
		{ID: "kick/c", Covers: []string{"equal-takes-over"}, Transports: []wire.Transport{wire.TCP}},
	}
	for version, want := range map[versions.Version]struct{ selected, skipped string }{
		"":            {"login/a [tcp], kick/b [tcp], kick/c [tcp]", ""},
		versions.V65:  {"login/a [tcp], kick/b [tcp], kick/c [tcp]", ""},
		versions.V64:  {"login/a [tcp], kick/b [tcp]", "kick/c [tcp]"},
		versions.V62:  {"login/a [tcp], kick/b [tcp]", "kick/c [tcp]"},
		versions.V612: {"login/a [tcp]", "kick/b [tcp], kick/c [tcp]"},
	} {
		selected, skipped, err := Selection{Protocol: version}.Select(younger, wire.Transports[:])
		if err != nil || names(selected) != want.selected || namesOfSkipped(skipped) != want.skipped {
			t.Errorf("%q: selected %s, skipped %s, %v", version, names(selected), namesOfSkipped(skipped), err)
		}
		for _, s := range skipped {
			if s.Omission != TooNew || s.Reason != "not applicable: since "+string(s.Since()) {
				t.Errorf("%q: %s is skipped by %d: %s", version, s.Name(), s.Omission, s.Reason)
			}
		}
	}
}

// A case that does not apply is skipped, with the version that it needs as a field; one that
// was left out for another reason has no such field.
func TestReportOfAnOlderVersion(t *testing.T) {
	younger := Case{ID: "kick/c", Covers: []string{"equal-takes-over"}, Level: reports.Must}
	c := reportOf(func(o *ReportOptions) {
		o.Protocol = versions.V64
		o.Skipped = []Skipped{{Item{younger, wire.UDP}, TooNew, "why"}, {Item{younger, wire.TCP}, LeftOut, "why"}}
	}, reports.Pass)
	if c.ProtocolVersion != "6.4" || c.Counts[reports.Pass] != 1 || c.Counts[reports.Skipped] != 2 {
		t.Errorf("judged by %s, counts %v", c.ProtocolVersion, c.Counts)
	}
	for _, r := range c.Results {
		if want := map[string]string{"kick/c udp": "6.5"}[r.Case+" "+r.Transport]; r.Since != want {
			t.Errorf("%s on %s: since %q, want %q", r.Case, r.Transport, r.Since, want)
		}
	}
	at := slices.IndexFunc(c.Requirements, func(r reports.Requirement) bool { return r.ID == "equal-takes-over" })
	if got := c.Requirements[at].Since; got != "6.5" {
		t.Errorf("the requirement is since %q", got)
	}
	if got := reportOf(nil, reports.Pass).ProtocolVersion; got != string(ProtocolVersion) {
		t.Errorf("without a version it is judged by %s", got)
	}
}
