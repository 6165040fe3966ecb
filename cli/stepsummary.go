package cli

import (
	"bytes"
	"errors"
	"os"

	"imcheck/reports"
	"imcheck/reports/markdown"
)

// stepSummaryVariable names the file that a step of a GitHub workflow adds its
// summary to.
const stepSummaryVariable = "GITHUB_STEP_SUMMARY"

// appendStepSummary adds the summary of a run to that file, where there is one.
// An error is printed and does not change the exit code: it says nothing about the run,
// whose report is in --out.
func (a *app) appendStepSummary(b reports.Bundle) {
	path := os.Getenv(stepSummaryVariable)
	if path == "" {
		return
	}
	if err := appendSummary(path, b); err != nil {
		a.complain("the summary was not added to %s: %v", stepSummaryVariable, err)
	}
}

// appendSummary writes once, so that neither this summary nor those of other commands
// of the step are torn.
func appendSummary(path string, b reports.Bundle) (err error) {
	var text bytes.Buffer
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if there, err := file.Stat(); err == nil && there.Size() > 0 {
		text.WriteByte('\n') // what is there may be a table, or lack the end of its line
	}
	if err := markdown.Write(&text, b); err != nil {
		return err
	}
	_, err = file.Write(text.Bytes())
	return err
}
