package reports_test

import (
	"slices"
	"testing"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/internal/reporttest"
)

// The words that a field can have are those of the constants.
func TestSchemaHasEveryWord(t *testing.T) {
	report, load := reporttest.ReadSchema(t, schemaFiles[reports.KindConformance]), reporttest.ReadSchema(t, schemaFiles[reports.KindLoad])
	outcomes := []string{string(reports.OutcomePass), string(reports.OutcomeFail), string(reports.OutcomeUnreachable), string(reports.OutcomeInconclusive)}
	var verdicts []string
	for _, v := range reports.Verdicts {
		verdicts = append(verdicts, string(v))
	}
	var levels []string
	for _, l := range reports.Levels {
		levels = append(levels, string(l))
	}
	latency := load.Defs["latency"].Properties
	for name, test := range map[string]struct {
		node *reporttest.SchemaNode
		want []string
	}{
		"outcome":           {report.Defs["outcome"], outcomes},
		"outcome of a load": {load.Defs["outcome"], outcomes},
		"verdict":           {report.Defs["verdict"], verdicts},
		"counts":            {report.Properties["counts"].Names, verdicts},
		"verdicts":          {report.Defs["flake"].Properties["verdicts"].Names, verdicts},
		"level":             {report.Defs["result"].Properties["level"], levels},
		"level under load":  {report.Defs["caseUnderLoad"].Properties["level"], levels},
		"axis":              {report.Defs["underLoad"].Properties["axis"], []string{string(reports.LoadByRate), string(reports.LoadByClients)}},
		"level counts":      {report.Defs["loadLevel"].Properties["counts"].Names, verdicts},
		"rule":              {report.Defs["measurement"].Properties["rule"], []string{string(reports.RulePoint), string(reports.RuleWindow), string(reports.RuleBracket)}},
		"side":              {report.Defs["measurement"].Properties["side"], []string{string(reports.SideBefore), string(reports.SideAfter)}},
		"shows":             {report.Defs["measurement"].Properties["shows"], []string{string(reports.ShowsEnded), string(reports.ShowsThere), string(reports.ShowsGone), string(reports.ShowsUnclear)}},
		"latency kind":      {latency["kind"], reports.KindNames(reports.LatencyKinds)},
		"latency origin":    {latency["from"], []string{reports.FromDue, reports.FromSend}},
		"gap":               {load.Defs["gap"].Properties["what"], []string{reports.GapLost, reports.GapPending, reports.GapMissing}},
	} {
		if got := test.node.Words(); !slices.Equal(got, test.want) {
			t.Errorf("%s: the schema has %q, want %q", name, got, test.want)
		}
	}
	for kind, root := range map[string]*reporttest.SchemaNode{reports.KindConformance: report, reports.KindLoad: load} {
		if got := root.Properties["kind"].Const; got != kind {
			t.Errorf("kind %v, want %s", got, kind)
		}
		if got := root.Properties["schema"].Const; got != float64(reports.SchemaVersion) {
			t.Errorf("%s: version %v, want %d: describe a new version in the schema", kind, got, reports.SchemaVersion)
		}
	}
	if got := len(outcomes); got != len(content.OutcomeWords) {
		t.Errorf("%d outcomes, want %d", got, len(content.OutcomeWords))
	}
}
