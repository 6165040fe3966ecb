// Package badge writes the outcome of a conformance run in the form that the endpoint badge
// of shields.io reads.
package badge

import (
	"fmt"
	"io"
	"strings"

	"imcheck/reports"
	"imcheck/reports/content"
)

// Badge is the JSON that the endpoint reads.
type Badge struct {
	SchemaVersion int    `json:"schemaVersion"` // of that form, 1
	Label         string `json:"label"`
	Message       string `json:"message"`
	Color         string `json:"color"`
}

// colors has the color of each outcome, by the names that shields.io knows.
var colors = map[reports.Outcome]string{
	reports.OutcomePass: "brightgreen", reports.OutcomeFail: "red",
	reports.OutcomeInconclusive: "yellow", reports.OutcomeUnreachable: "lightgrey",
}

// Of returns the badge of a run: the counts of the verdicts of what was run, such as "370
// passed, 14 warned", or the outcome where nothing was.
func Of(c *reports.Conformance) Badge {
	counts := reports.CountVerdicts(c.Results)
	var parts []string
	for _, v := range reports.Verdicts {
		if n := counts[v]; n > 0 && v != reports.NotSupported && v != reports.Skipped {
			parts = append(parts, content.CountWords(v, n))
		}
	}
	if len(parts) == 0 {
		parts = []string{string(c.Outcome)}
	}
	return Badge{SchemaVersion: 1, Label: "conformance", Message: strings.Join(parts, ", "), Color: colors[c.Outcome]}
}

// Write writes the badge of a run as JSON.
func Write(w io.Writer, c *reports.Conformance) error {
	if err := reports.WriteJSON(w, Of(c)); err != nil {
		return fmt.Errorf("write the badge: %w", err)
	}
	return nil
}
