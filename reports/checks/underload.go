package checks

import (
	"imcheck/reports"
	"imcheck/reports/content"
)

// addUnderLoad adds a check for each case that fails with load, and did not without: the
// checks of the cases have the verdicts without load.
func (r *Run) addUnderLoad(u *reports.UnderLoad) {
	if u == nil {
		return
	}
	for _, c := range u.Cases {
		worst, first := reports.Pass, c.Verdicts[0]
		for _, v := range c.Verdicts[1:] {
			worst = content.WorseOf(worst, v)
		}
		if worst != reports.Fail || first == reports.Fail {
			continue
		}
		r.Add(Check{
			Name: c.Case + " [" + c.Transport + "] under load", Group: reports.Result{Case: c.Case}.Area(), Status: Failed, Verdict: string(worst),
			Message: content.CaseUnderLoadWords(u, c), Detail: c.Requirement,
		})
	}
}
