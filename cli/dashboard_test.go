package cli_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/rogpeppe/go-internal/testscript"
)

// dashboardFolder has the dashboards that are to be copied.
const dashboardFolder = "../fixtures/grafana"

// dashboard is what Grafana reads of a file, as far as it is checked.
type dashboard struct {
	Title, Description, UID string
	Panels                  []dashboardPanel
	Templating              struct {
		List []struct{ Name, Type, Label, Description, Definition string }
	}
}

// dashboardPanel is a panel, or the heading of a row of them.
type dashboardPanel struct {
	ID                       int
	Type, Title, Description string
	Datasource               dashboardSource
	GridPos                  struct{ X, Y, W, H int }
	FieldConfig              struct{ Defaults struct{ Unit string } }
	Targets                  []struct {
		Expr, LegendFormat string
		Datasource         dashboardSource
	}
}

type dashboardSource struct{ Type, UID string }

// readDashboards reads every dashboard, by the name of its file.
func readDashboards() (all map[string]dashboard, err error) {
	names, err := filepath.Glob(filepath.Join(filepath.FromSlash(dashboardFolder), "*.json"))
	if err != nil || len(names) == 0 {
		return nil, errors.Join(err, errors.New("there are no dashboards"))
	}
	all = map[string]dashboard{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var d dashboard
		if err := json.Unmarshal(text, &d); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all[filepath.Base(name)] = d
	}
	return all, nil
}

// Patterns of the parts of a query.
var (
	queryMetric  = regexp.MustCompile(`\b(imcheck_\w+)(?:\{([^}]*)\})?`)
	queryMatcher = regexp.MustCompile(`(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"`)
	queryBy      = regexp.MustCompile(`\bby \(([^)]*)\)`)
	legendLabel  = regexp.MustCompile(`\{\{(\w+)\}\}`)
)

// scrapeLabels are the labels that Prometheus adds to each metric.
var scrapeLabels = []string{"instance", "job"}

// labelsOf returns the values of each label of a metric, by its name as queries have it;
// nil for one that is not there.
func labelsOf(families []*dto.MetricFamily, name string) map[string][]string {
	for _, family := range families {
		base, bucket := strings.CutSuffix(name, "_bucket")
		isHistogram := family.GetType() == dto.MetricType_HISTOGRAM
		if isHistogram && !bucket {
			base = strings.TrimSuffix(strings.TrimSuffix(name, "_sum"), "_count")
		}
		if family.GetName() != base || bucket && !isHistogram || isHistogram && name == base {
			continue
		}
		labels := map[string][]string{}
		if bucket {
			labels["le"] = nil
		}
		for _, metric := range family.Metric {
			for _, label := range metric.Label {
				labels[label.GetName()] = append(labels[label.GetName()], label.GetValue())
			}
		}
		return labels
	}
	return nil
}

// checkQuery wants every metric, label and value that a query and its legend name to be
// there.
func checkQuery(families []*dto.MetricFamily, query, legend string) (wrong error) {
	known := slices.Clone(scrapeLabels)
	found := queryMetric.FindAllStringSubmatch(query, -1)
	if len(found) == 0 {
		return fmt.Errorf("%s: it names no metric", query)
	}
	for _, match := range found {
		labels := labelsOf(families, match[1])
		if labels == nil {
			wrong = errors.Join(wrong, fmt.Errorf("%s: there is no metric %s", query, match[1]))
			continue
		}
		for label := range labels {
			known = append(known, label)
		}
		for _, matcher := range queryMatcher.FindAllStringSubmatch(match[2], -1) {
			label, operator, value := matcher[1], matcher[2], matcher[3]
			values, has := labels[label]
			if slices.Contains(scrapeLabels, label) {
				continue
			}
			if !has || operator == "=" && !slices.Contains(values, value) {
				wrong = errors.Join(wrong, fmt.Errorf("%s: %s never has %s=%q", query, match[1], label, value))
			}
		}
	}
	var grouped []string
	for _, by := range queryBy.FindAllStringSubmatch(query, -1) {
		grouped = append(grouped, strings.Split(strings.ReplaceAll(by[1], " ", ""), ",")...)
	}
	for _, label := range grouped {
		if !slices.Contains(known, label) {
			wrong = errors.Join(wrong, fmt.Errorf("%s: no metric has the label %s", query, label))
		}
	}
	for _, match := range legendLabel.FindAllStringSubmatch(legend, -1) {
		if !slices.Contains(grouped, match[1]) {
			wrong = errors.Join(wrong, fmt.Errorf("%s: the legend %s names a label that the query drops", query, legend))
		}
	}
	return wrong
}

// checkDashboards implements dashboards FILE: every query of every dashboard finds something in metrics as they were
// served.
func checkDashboards(ts *testscript.TestScript, _ bool, args []string) {
	families, err := parseMetrics([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	all, err := readDashboards()
	ts.Check(err)
	for name, d := range all {
		for _, panel := range d.Panels {
			for _, target := range panel.Targets {
				if err := checkQuery(families, target.Expr, target.LegendFormat); err != nil {
					ts.Fatalf("%s: %s: %v", name, panel.Title, err)
				}
			}
		}
		for _, variable := range d.Templating.List {
			if variable.Type != "query" {
				continue
			}
			if err := checkQuery(families, variable.Definition, ""); err != nil {
				ts.Fatalf("%s: the variable %s: %v", name, variable.Name, err)
			}
		}
	}
}

// A dashboard explains itself: each panel has a title, a description and a unit, and all of
// them ask the Prometheus that the user chooses. Panels do not overlap.
func TestDashboardsExplainThemselves(t *testing.T) {
	all, err := readDashboards()
	if err != nil {
		t.Fatal(err)
	}
	for name, d := range all {
		if d.Title == "" || d.Description == "" || d.UID == "" {
			t.Errorf("%s has no title, description or uid", name)
		}
		if first := d.Templating.List; len(first) == 0 || first[0].Name != "datasource" || first[0].Type != "datasource" {
			t.Errorf("%s: its first variable is not the data source: %+v", name, first)
		}
		taken := map[[2]int]string{}
		ids := map[int]bool{}
		for _, p := range d.Panels {
			checkPanel(t, p)
			if ids[p.ID] {
				t.Errorf("%s: the id %d is taken", p.Title, p.ID)
			}
			ids[p.ID] = true
			for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
				for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
					if other := taken[[2]int{x, y}]; other != "" || x >= 24 {
						t.Fatalf("%s overlaps with %q or the edge", p.Title, other)
					}
					taken[[2]int{x, y}] = p.Title
				}
			}
		}
	}
}

func checkPanel(t *testing.T, p dashboardPanel) {
	t.Helper()
	chosen := dashboardSource{"prometheus", "${datasource}"}
	if p.Title == "" || p.Description == "" {
		t.Errorf("panel %d has the title %q and the description %q", p.ID, p.Title, p.Description)
	}
	if p.Type == "row" {
		return
	}
	if p.FieldConfig.Defaults.Unit == "" || p.Datasource != chosen || len(p.Targets) == 0 {
		t.Errorf("%s: unit %q, data source %v, %d queries", p.Title, p.FieldConfig.Defaults.Unit, p.Datasource, len(p.Targets))
	}
	for _, target := range p.Targets {
		if target.Datasource != chosen || target.LegendFormat == "" {
			t.Errorf("%s: %s has the data source %v and the legend %q", p.Title, target.Expr, target.Datasource, target.LegendFormat)
		}
	}
}

// The check of queries notices what is wrong.
func TestCheckQuery(t *testing.T) {
	families, err := parseMetrics([]byte("# TYPE imcheck_h histogram\nimcheck_h_bucket{kind=\"a\",le=\"+Inf\"} 1\nimcheck_h_sum{kind=\"a\"} 1\nimcheck_h_count{kind=\"a\"} 1\n" +
		"# TYPE imcheck_c_total counter\nimcheck_c_total{cause=\"x\"} 1\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ query, legend, want string }{
		{`histogram_quantile(0.9, sum by (le, kind) (rate(imcheck_h_bucket{instance=~"$instance",kind="a"}[$__rate_interval])))`, "{{kind}}", ""},
		{`sum by (cause, instance) (imcheck_c_total{cause="x"}) > 0`, "{{cause}}", ""},
		{`rate(imcheck_h_count[1m])`, "all", ""},
		{`imcheck_d_total`, "", "there is no metric imcheck_d_total"},
		{`imcheck_h`, "", "there is no metric imcheck_h"},
		{`imcheck_c_total_bucket`, "", "there is no metric imcheck_c_total_bucket"},
		{`imcheck_c_total{kind="a"}`, "", `imcheck_c_total never has kind="a"`},
		{`imcheck_h_sum{kind="b"}`, "", `imcheck_h_sum never has kind="b"`},
		{`sum by (flavour) (imcheck_c_total)`, "", "no metric has the label flavour"},
		{`sum(imcheck_c_total)`, "{{cause}}", "names a label that the query drops"},
		{`up`, "", "it names no metric"},
	} {
		err := checkQuery(families, test.query, test.legend)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.query, err, test.want)
		}
	}
}
