package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"imcheck/conformance/explore"
	"imcheck/conformance/servercases"
	"imcheck/harness/drive"
	"imcheck/loadgen/scenario"
	"imcheck/protocol/timing"
	"imcheck/protocol/versions"
	"imcheck/protocol/wire"
	"imcheck/reference-server/faults"
	"imcheck/reference-server/variants"
	"imcheck/reports"
)

// completer returns the values of a flag that begin with what is typed, or says which files
// are values. A tab separates a value from a description.
type completer func(typed string) (values []string, directive cobra.ShellCompDirective)

// flagValues has the completer of each flag whose values are known, or are files. A verb in
// front is for its flag alone.
func flagValues() map[string]completer {
	return map[string]completer{
		"case": caseIDs, "skip": caseIDs, "filter": lastWord(func() []string { return caseLabels(servercases.All()) }),
		"explore filter": listOf(explore.Areas), "fault": faultNames, "drive fault": clientFaultNames, "export-histograms": oneOf(histogramForms...), "find": oneOf(reports.SearchRate, reports.SearchClients), "role": oneOf("server", "client"), "log-format": oneOf(logText, logJSON), "log-level": oneOf(logLevels...), "variant": variantNames,
		"scenario": scenarioNames, "sense-mode": senseModeNames, "sense-modes": listOf(func() []string { return append(modeNames(), "all") }),
		"protocol":  oneOf(versions.Names()...),
		"transport": listOf(allTransports), "load-transport": listOf(allTransports), "under-load": scenarioNames, "tls": listOf(func() []string { return []string{"tcp", "ws"} }),
		"largest-message": sizesByTransport, "impair": impairments, "at": relayActions, "threshold": figureNames,

		"profile": fileWith("yaml", "yml"), "config": fileWith("yaml", "yml"), "expected-failures": fileWith("yaml", "yml"), "weights": fileWith("yaml", "yml"),
		"users": fileWith("csv", "jsonl", "ndjson", "json"), "replay": fileWith("json"),
		"tls-ca": fileWith("pem", "crt", "cer"), "tls-cert": fileWith("pem", "crt", "cer"), "tls-key": fileWith("pem", "key"),
		"markdown": fileWith("md"), "html": fileWith("html"), "log": fileWith("jsonl"), "out": anyFolder, "man": anyFolder,
	}
}

// valuesOf returns the completer of a flag. A number, a time, an address or any other text
// has no values to offer.
func valuesOf(verb string, flag *pflag.Flag) completer {
	all := flagValues()
	if own, ok := all[verb+" "+flag.Name]; ok {
		return own
	}
	if shared, ok := all[flag.Name]; ok {
		return shared
	}
	if flag.Value.Type() == "bool" {
		return oneOf("true", "false")
	}
	return oneOf()
}

// described returns a value with its description.
func described(value, description string) string {
	return value + "\t" + description
}

// oneOf completes one of several values.
func oneOf(all ...string) completer {
	return func(typed string) ([]string, cobra.ShellCompDirective) {
		return beginning(all, typed), cobra.ShellCompDirectiveNoFileComp
	}
}

// beginning returns those that begin with what is typed.
func beginning(all []string, typed string) (some []string) {
	for _, one := range all {
		if strings.HasPrefix(one, typed) {
			some = append(some, one)
		}
	}
	return some
}

// listOf completes the last of several values that are separated by commas.
func listOf(all func() []string) completer {
	return func(typed string) ([]string, cobra.ShellCompDirective) {
		before := typed[:strings.LastIndex(typed, ",")+1]
		given := strings.Split(before, ",")
		rest := slices.DeleteFunc(all(), func(one string) bool { return slices.Contains(given, one) })
		return prefixed(before, rest, typed), cobra.ShellCompDirectiveNoFileComp
	}
}

// lastWord completes the last word of an expression.
func lastWord(all func() []string) completer {
	return func(typed string) ([]string, cobra.ShellCompDirective) {
		before := typed[:strings.LastIndexAny(typed, " &|!(")+1]
		return prefixed(before, all(), typed), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
}

// prefixed returns values with what comes before them, as far as they begin with what is typed.
func prefixed(before string, all []string, typed string) []string {
	whole := make([]string, len(all))
	for i, one := range all {
		whole[i] = before + one
	}
	return beginning(whole, typed)
}

// fileWith completes a file with one of these extensions.
func fileWith(extensions ...string) completer {
	return func(string) ([]string, cobra.ShellCompDirective) {
		return extensions, cobra.ShellCompDirectiveFilterFileExt
	}
}

func anyFolder(string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// caseIDs completes the ID of a case, and all those of an area.
func caseIDs(typed string) ([]string, cobra.ShellCompDirective) {
	var all, areas []string
	for _, c := range servercases.All() {
		all = append(all, described(c.ID, c.Requirement))
		if area := described(c.Area()+"/*", "all cases of the area"); !slices.Contains(areas, area) {
			areas = append(areas, area)
		}
	}
	return oneOf(append(areas, all...)...)(typed)
}

func faultNames(typed string) ([]string, cobra.ShellCompDirective) {
	var all []string
	for _, f := range slices.Concat(faults.All(), faults.Planted(), faults.UnderLoad()) {
		all = append(all, described(f.Name, f.Does))
	}
	return oneOf(all...)(typed)
}

func clientFaultNames(typed string) ([]string, cobra.ShellCompDirective) {
	var all []string
	for _, f := range drive.Faults() {
		all = append(all, described(f.Name, f.Does))
	}
	return oneOf(all...)(typed)
}

func variantNames(typed string) ([]string, cobra.ShellCompDirective) {
	var all []string
	for _, v := range variants.All() {
		all = append(all, described(v.Name, v.Does))
	}
	return oneOf(all...)(typed)
}

// scenarioNames completes the name of a scenario, or else a file.
func scenarioNames(typed string) ([]string, cobra.ShellCompDirective) {
	var all []string
	for _, name := range scenario.Names() {
		all = append(all, described(name, scenarioSummaries[name]))
	}
	if found := beginning(all, typed); len(found) > 0 {
		return found, cobra.ShellCompDirectiveNoFileComp
	}
	return fileWith("yaml", "yml")(typed)
}

func modeNames() (names []string) {
	for _, mode := range timing.SenseModes {
		names = append(names, mode.String())
	}
	return names
}

func allTransports() []string { return transportNames(wire.Transports[:]) }

// senseModeNames completes a mode for all transports, or a list with one for each.
func senseModeNames(typed string) ([]string, cobra.ShellCompDirective) {
	before := typed[:strings.LastIndex(typed, ",")+1]
	name, _, chosen := strings.Cut(typed[len(before):], "=")
	kind, err := wire.ParseTransport(name)
	if chosen && err == nil {
		var modes []string
		for _, mode := range timing.SenseModes {
			if mode.On(kind) {
				modes = append(modes, mode.String())
			}
		}
		return prefixed(before+name+"=", modes, typed), cobra.ShellCompDirectiveNoFileComp
	}
	found := beginning(perTransport(before), typed)
	if before == "" {
		found = append(beginning(modeNames(), typed), found...)
	}
	return found, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// perTransport returns the beginnings of entries such as udp=3S, after what comes before.
func perTransport(before string) (beginnings []string) {
	for _, name := range allTransports() {
		if !strings.Contains(","+before, ","+name+"=") {
			beginnings = append(beginnings, before+name+"=")
		}
	}
	return beginnings
}

// sizesByTransport completes the transports of sizesByTransport, such as tcp=61440,ws=65536.
func sizesByTransport(typed string) ([]string, cobra.ShellCompDirective) {
	before := typed[:strings.LastIndex(typed, ",")+1]
	return beginning(perTransport(before), typed), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// impairmentKeys are the keys of --impair.
var impairmentKeys = []string{"drop=", "duplicate=", "reorder=", "delay=", "jitter=", "stall=", "seed="}

// impairments completes the keys of a spec, and what it is for.
func impairments(typed string) ([]string, cobra.ShellCompDirective) {
	all := impairmentKeys
	if !strings.ContainsAny(typed, ":=") {
		all = append(append(allTransports(), "in:", "out:"), all...)
	}
	before := typed[:strings.LastIndexAny(typed, " ,:")+1]
	return prefixed(before, all, typed), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// relayActions completes the action of --at after its time.
func relayActions(typed string) ([]string, cobra.ShellCompDirective) {
	all := []string{"rebind", "half-open", "reset", "stall ", "outage ", "impair "}
	before := typed[:strings.LastIndex(typed, "=")+1]
	if before == "" {
		return prefixed("10s=", all, typed), cobra.ShellCompDirectiveNoFileComp
	}
	return prefixed(before, all, typed), cobra.ShellCompDirectiveNoFileComp
}

// figureNames completes the figure of a threshold: a kind of latency with a statistic, or the
// subject of others.
func figureNames(typed string) ([]string, cobra.ShellCompDirective) {
	var all []string
	for _, kind := range reports.KindNames(reports.LatencyKinds) {
		for _, statistic := range []string{"p50", "p99", "p99.9", "max", "mean", "count", "rate"} {
			all = append(all, kind+"."+statistic)
		}
	}
	all = append(all, "ledger.lost", "ledger.missing", "ledger.late", "ledger.duplicated", "sessions.lost", "sessions.online", "sends.dropped", "lateness.p99", "recovery.p99", "storm.overdue", "storm.gave_up",
		"c2c_delivery.p99_slope", "ledger.lost_slope", "target.cpu_per_message", "target.session_memory", "target.memory", "target.open_files", "target.gc_time", "target.memory_slope", "target.session_memory_slope", "target.open_files_slope")
	before := ""
	if strings.HasPrefix(typed, "abort:") {
		before = "abort:"
	}
	return prefixed(before, all, typed), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}
