package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"imcheck/conformance/suite"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// writeCoverage lists requirements section by section, and below each the cases that
// check it. A case that checks several appears below each.
func writeCoverage(w io.Writer, selected []suite.Item, end suite.End) {
	catalogue, on := byCase(selected)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	defer table.Flush()
	section := ""
	for _, c := range suite.Cover(catalogue, end) {
		if len(c.Cases) == 0 {
			continue
		}
		if c.Requirement.Section != section {
			section = c.Requirement.Section
			fmt.Fprintf(table, "%s\n", section)
		}
		fmt.Fprintf(table, "  %s (%s)\n", c.Requirement.Text, reports.Requirement{ID: c.Requirement.ID}.Link())
		for _, held := range c.Cases {
			fmt.Fprintf(table, "    %s\t%s\t%s\t%s\n", held.ID, transportList(on[held.ID]), held.Level, held.Requirement)
		}
	}
	writeConversations(table, catalogue, on)
}

// writeConversations lists the cases that were made of files and name no requirement.
func writeConversations(w io.Writer, catalogue []suite.Case, on map[string][]wire.Transport) {
	heading := "Conversations that were found by exploring\n"
	for _, c := range catalogue {
		if len(c.Covers) == 0 {
			fmt.Fprintf(w, "%s    %s\t%s\t%s\t%s\n", heading, c.ID, transportList(on[c.ID]), c.Level, c.Requirement)
			heading = ""
		}
	}
}

// byCase returns the cases of items, in the same order, and the transports of each.
func byCase(selected []suite.Item) (catalogue []suite.Case, on map[string][]wire.Transport) {
	on = map[string][]wire.Transport{}
	for _, item := range selected {
		if on[item.ID] == nil {
			catalogue = append(catalogue, item.Case)
		}
		on[item.ID] = append(on[item.ID], item.Transport)
	}
	return catalogue, on
}

func transportList(kinds []wire.Transport) string {
	return strings.Join(transportNames(kinds), ",")
}
