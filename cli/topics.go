package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/pflag"

	"imcheck/conformance/servercases"
	"imcheck/conformance/suite"
	"imcheck/loadgen/scenario"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/faults"
	"imcheck/reference-server/variants"
	"imcheck/reports"
)

// topic is something that help explains besides the verbs. What the program knows it
// prints from there, not from a text.
type topic struct {
	name    string
	summary string // one line, for the list of topics
	write   func(w io.Writer)
}

// topics returns all of them, in the order in which they are listed.
func topics() []topic {
	return []topic{
		{"environment", "the environment variable of every flag", writeEnvironment},
		{"exit-codes", "what the exit code says", writeExitCodes},
		{"profile", "the file that describes a server", asIs(profileTopic)},
		{"users", "the accounts of a server that knows its users", asIs(usersTopic)},
		{"sense-modes", "heartbeat intervals and idle timeouts", writeSenseModes},
		{"filter", "the labels that --filter selects cases by", writeLabels},
		{"scenarios", "what the clients of a load do", writeScenarios},
		{"thresholds", "bounds on the figures of a load", writeThresholds},
		{"impairment", "a path that is bad on purpose", asIs(impairmentTopic)},
		{"faults", "ways in which the reference server can misbehave", writeFaults},
		{"variants", "other ways in which it can keep the protocol", writeVariants},
	}
}

// asIs returns what writes a text.
func asIs(text string) func(io.Writer) {
	return func(w io.Writer) { fmt.Fprint(w, text) }
}

// topicNamed returns the topic of a name.
func topicNamed(name string) (t topic, ok bool) {
	all := topics()
	i := slices.IndexFunc(all, func(t topic) bool { return t.name == name })
	if i < 0 {
		return topic{}, false
	}
	return all[i], true
}

// writeTopics lists the topics.
func writeTopics(w io.Writer) {
	for _, t := range topics() {
		fmt.Fprintf(w, "  imcheck help %-13s %s\n", t.name, t.summary)
	}
}

// writeTable writes rows whose cells are aligned.
func writeTable(w io.Writer, rows [][]string) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(table, "  "+strings.Join(row, "\t"))
	}
	table.Flush()
}

func writeEnvironment(w io.Writer) {
	fmt.Fprint(w, environmentTopic+"\n")
	writeTable(w, variableRows())
}

// variableRows returns every variable with its flag and the verbs that have it, in
// alphabetical order.
func variableRows() (rows [][]string) {
	verbs := map[string][]string{}
	program().each(func(v verb) {
		v.flags().VisitAll(func(flag *pflag.Flag) { verbs[flag.Name] = append(verbs[flag.Name], v.name) })
	})
	for flag, of := range verbs {
		rows = append(rows, []string{variableOf(flag), "--" + flag, strings.Join(of, ", ")})
	}
	slices.SortFunc(rows, func(a, b []string) int { return strings.Compare(a[0], b[0]) })
	return rows
}

// exitCodes explains the codes, the same for every verb.
var exitCodes = []struct {
	code    int
	meaning string
}{
	{exitGood, "good"},
	{exitFallsShort, "the target falls short: a case failed, sessions or messages were lost, a threshold was crossed, a run is worse than the previous one"},
	{exitUsage, "usage, a bad file, or nothing selected"},
	{exitUnreachable, "the target could not be reached, went away, or the engine failed"},
	{exitInconclusive, "inconclusive: this machine was too slow, was stopped, or lacked open files or ports"},
}

func writeExitCodes(w io.Writer) {
	fmt.Fprint(w, "Exit codes, the same for every verb:\n\n")
	for _, e := range exitCodes {
		fmt.Fprintf(w, "  %d  %s\n", e.code, e.meaning)
	}
	fmt.Fprint(w, "\n"+exitCodesTopic)
}

func writeSenseModes(w io.Writer) {
	fmt.Fprint(w, senseModesTopic+"\n")
	heading := []string{"mode", "heartbeat"}
	for _, kind := range wire.Transports {
		heading = append(heading, kind.String()+" expires after")
	}
	rows := [][]string{heading}
	for _, mode := range timing.SenseModes {
		row := []string{mode.String(), mode.Heartbeat().String()}
		for _, kind := range wire.Transports {
			expiry := "-"
			if mode.On(kind) {
				expiry = mode.Expiry(kind).String()
			}
			row = append(row, expiry)
		}
		rows = append(rows, row)
	}
	writeTable(w, rows)
}

// caseLabels lists the labels of a catalogue in alphabetical order.
func caseLabels(catalogue []suite.Case) (all []string) {
	for _, c := range catalogue {
		for _, kind := range wire.Transports {
			all = append(all, c.Labels(kind)...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func writeLabels(w io.Writer) {
	fmt.Fprint(w, filterTopic+"\n")
	for _, label := range caseLabels(servercases.All()) {
		fmt.Fprintf(w, "  %s\n", label)
	}
}

// scenarioSummaries describes each scenario in a line.
var scenarioSummaries = map[string]string{
	"steady":  "messages at --rate, half to the server and half to other clients",
	"idle":    "nothing besides keeping the heartbeat",
	"chat":    "every client sends to the others of its group, and again after a think time",
	"fanout":  "one client of each group sends to all others of it, --rate groups a second",
	"push":    "the server sends messages at --rate, by its control API (--control)",
	"storm":   "a share of the clients is disconnected at once, with or without a word, or the network is away for a while; all log in again",
	"churn":   "clients log out and in again, --rate of them a second",
	"backlog": "a share of the clients is away while --rate messages a second are sent to it, and comes back",
	"mix":     "several scenarios at once, each over a part of the clients: idle, chat and churn, or those of a YAML file",
	"echo":    "each client asks for an echo, and asks again when it has the answer",
}

func writeScenarios(w io.Writer) {
	fmt.Fprint(w, scenariosTopic+"\n")
	all := scenario.Names()
	for _, s := range scenario.All {
		all = slices.DeleteFunc(all, func(name string) bool { return name == s.Name() })
		fmt.Fprintf(w, "  %-7s %s\n", s.Name(), scenarioSummaries[s.Name()])
		fmt.Fprintf(w, "  %-7s   measures %s\n", "", strings.Join(reports.KindNames(scenario.Latencies(s)), ", "))
		if own := ownOptions(s); len(own) > 0 {
			fmt.Fprintf(w, "  %-7s   uses %s\n", "", strings.Join(own, ", "))
		}
	}
	for _, name := range all { // those that are made of others
		fmt.Fprintf(w, "  %-7s %s\n", name, scenarioSummaries[name])
	}
}

// ownOptions lists what a scenario looks at besides what all do: flags, and keys of a file
// where there is no flag.
func ownOptions(s scenario.Scenario) (names []string) {
	for _, key := range s.Uses() {
		name := key
		if flag := flagOf(key); flag != "" {
			name = flag
		}
		names = append(names, name)
	}
	return names
}

func writeThresholds(w io.Writer) {
	fmt.Fprintf(w, thresholdsTopic, strings.Join(reports.KindNames(reports.LatencyKinds), ", "), strings.Join(reports.KindNames(reports.MessageKinds), ", "))
}

func writeFaults(w io.Writer) {
	fmt.Fprint(w, faultsTopic+"\n")
	listFaults(w)
}

// listFaults writes every fault with the place where it sits and what it does.
func listFaults(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	write := func(fault faults.Fault) { fmt.Fprintf(table, "%s\t%s\t%s\n", fault.Name, fault.Where(), fault.Does) }
	for _, fault := range faults.All() {
		write(fault)
	}
	fmt.Fprintln(table, "\nFound by exploring only; no case notices them:")
	for _, fault := range faults.Planted() {
		write(fault)
	}
	fmt.Fprintln(table, "\nFound under load only (conform --under-load):")
	for _, fault := range faults.UnderLoad() {
		write(fault)
	}
	table.Flush()
}

func writeVariants(w io.Writer) {
	fmt.Fprint(w, variantsTopic+"\n")
	listVariants(w)
}

// listVariants writes every variant with the freedom that it uses and what it does.
func listVariants(w io.Writer) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, v := range variants.All() {
		fmt.Fprintf(table, "%s\t%s\t%s\n", v.Name, v.Freedom, v.Does)
	}
	table.Flush()
}
