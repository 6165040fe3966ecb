package suite

import (
	"fmt"

	"imcheck/reports"
)

// mayBeCarried reports whether something that an earlier case left behind could be the
// cause of a conclusion.
func (e conclusion) mayBeCarried() bool {
	return e.verdict == reports.Fail || e.verdict == reports.Error || e.verdict == reports.NotSupported
}

// playFresh runs a case again that did not go well in a target which an earlier case has
// used, with one that nobody has: what an earlier case left behind must not be blamed on
// this one. The second attempt decides; when it goes well the difference is said.
func (r *run) playFresh(first *Attempt, scene Scene, e conclusion) conclusion {
	if first.parent.Err() != nil {
		return e
	}
	before := e.reason
	if e.verdict == reports.Fail {
		before = fmt.Sprintf("%s instead of %s", e.actual, e.expected)
	}
	first.Remark("%s in %s: the case is run again in a fresh one", before, first.Carried)
	first.close(scene)
	second := first.again()
	second.Fresh = true
	scene = r.world.NewScene(second)
	defer second.close(scene)
	again := r.attempt(second, scene)
	second.passed = again.verdict == reports.Pass
	first.trouble, first.measurements, first.assumed = second.trouble, second.measurements, second.assumed
	first.Opened, first.Named = first.Opened+second.Opened, first.Named+second.Named
	first.found = second.found
	again.single = false // what is missing was missing twice
	if again.verdict == reports.Pass {
		again.reason = fmt.Sprintf("in %s: %s; in a fresh one all went well", first.Carried, before)
		if second.found != "" {
			first.found = second.found + "; " + again.reason
		}
	}
	return again
}
