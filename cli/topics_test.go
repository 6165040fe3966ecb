package cli

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"imcheck/conformance/servercases"
	"imcheck/conformance/suite"
	"imcheck/harness/transport/impair"
	"imcheck/loadgen/scenario"
	"imcheck/reference-server/faults"
	"imcheck/reference-server/variants"
	"imcheck/reports/verdict"
)

// topicText returns what help prints of a topic.
func topicText(t *testing.T, name string) string {
	t.Helper()
	code, out := printed(t, helpVerb, name)
	if code != exitGood || out == "" {
		t.Fatalf("help %s: exit code %d, %s", name, code, out)
	}
	return out
}

// Every topic is listed, its commands have the flags that they are shown with, and its lines
// fit a terminal, as far as they are not made of what the program has.
func TestTopics(t *testing.T) {
	_, list := printed(t, helpVerb)
	for _, topic := range topics() {
		text := topicText(t, topic.name)
		if !strings.Contains(list, "imcheck help "+topic.name+" ") {
			t.Errorf("%s is not listed in\n%s", topic.name, list)
		}
		if _, isVerb := program().below(topic.name); isVerb {
			t.Errorf("%s is a verb as well", topic.name)
		}
		for line := range strings.Lines(text) {
			line = strings.TrimRight(line, "\n")
			words := strings.TrimSpace(line)
			if len(line) > 80 && !strings.Contains(line, "  ") { // tables have more than one blank
				t.Errorf("%s: a line is too long: %s", topic.name, line)
			}
			if words == line || !strings.HasPrefix(words, "imcheck ") && !strings.HasPrefix(words, variablePrefix+"TCP=") {
				continue
			}
			if checked, wrong := checkCommands(words, ""); checked != 1 || wrong != nil {
				t.Errorf("%s: %s: %v", topic.name, words, wrong)
			}
		}
	}
}

// examplesOf returns the values of a flag in a text.
func examplesOf(t *testing.T, text, flag string) (values []string) {
	t.Helper()
	for _, found := range regexp.MustCompile(flag+` '([^']+)'`).FindAllStringSubmatch(text, -1) {
		values = append(values, found[1])
	}
	if len(values) < 2 {
		t.Errorf("%d values of %s in %s", len(values), flag, text)
	}
	return values
}

// The examples of grammars can be read, and lists that are written by hand are complete.
func TestTopicsAreRight(t *testing.T) {
	thresholds := topicText(t, "thresholds")
	if _, err := verdict.ParseThresholds(examplesOf(t, thresholds, "--threshold")); err != nil {
		t.Error(err)
	}
	for _, subject := range []string{"ledger", "sessions", "sends", "lateness"} {
		_, err := verdict.ParseThreshold(subject + ".x<1")
		_, known, found := strings.Cut(err.Error(), ": use ")
		if !found {
			t.Fatalf("%v lists nothing", err)
		}
		for name := range strings.SplitSeq(strings.TrimPrefix(known, "a percentile such as "), ", ") {
			if name = strings.TrimPrefix(name, "or "); !regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`).MatchString(thresholds) {
				t.Errorf("%s.%s is not in\n%s", subject, name, thresholds)
			}
		}
	}
	if _, _, err := impair.Parse(examplesOf(t, topicText(t, "impairment"), "--impair")); err != nil {
		t.Error(err)
	}
	for _, filter := range examplesOf(t, topicText(t, "filter"), "--filter") {
		if err := (suite.Selection{Filter: filter}).CheckFilter(servercases.All()); err != nil {
			t.Error(err)
		}
	}
	for _, name := range scenario.Names() {
		if scenarioSummaries[name] == "" {
			t.Errorf("the scenario %s has no summary", name)
		}
	}
	if len(scenarioSummaries) != len(scenario.Names()) {
		t.Errorf("%d summaries of %d scenarios", len(scenarioSummaries), len(scenario.Names()))
	}
}

// Every fault and every variant is listed.
func TestTopicsOfTheReferenceServer(t *testing.T) {
	for _, fault := range slices.Concat(faults.All(), faults.Planted(), faults.UnderLoad()) {
		if !strings.Contains(topicText(t, "faults"), fault.Name+" ") {
			t.Errorf("the fault %s is missing", fault.Name)
		}
	}
	for _, variant := range variants.All() {
		if !strings.Contains(topicText(t, "variants"), variant.Name+" ") {
			t.Errorf("the variant %s is missing", variant.Name)
		}
	}
}
