package cli

import (
	"io"

	"imcheck/reports/text"
)

// printReport prints the summary of a report on stdout; with asJSON the report itself, and the
// summary on stderr.
func (a *app) printReport(asJSON, verbose bool, toJSON func(io.Writer) error, toText func(io.Writer, text.Options) error) error {
	human := a.out
	if asJSON {
		human = a.err
		if err := toJSON(a.out); err != nil {
			return err
		}
	}
	return toText(human, summaryOptions(human, verbose))
}
