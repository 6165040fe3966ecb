package cli

import (
	"os"

	"imcheck/reports/annotations"
	"imcheck/reports/checks"
)

// actionsVariable is "true" in a step of a GitHub workflow.
const actionsVariable = "GITHUB_ACTIONS"

// annotate shows failures and warnings on the page of a GitHub workflow. The runner reads
// stderr as well as stdout, which may be data (--json).
func (a *app) annotate(runs ...checks.Run) {
	if os.Getenv(actionsVariable) == "true" {
		_ = annotations.Write(a.err, runs...) // there is no other place to tell of an error
	}
}
