package suite

import (
	"cmp"
	"fmt"

	"imcheck/reports"
)

// playAgain ends an attempt, whose files are free for the next one then, and makes that.
// fresh says that its target is to have nothing left of earlier ones.
func (r *run) playAgain(a *Attempt, scene Scene, fresh bool) (*Attempt, Scene, conclusion) {
	a.close(scene)
	next := a.again()
	next.Fresh = fresh
	scene = r.world.NewScene(next)
	return next, scene, r.attempt(next, scene)
}

// confirm decides about a failure that a single datagram could explain. It does
// not count on a path that loses or doubles datagrams, nor when the case passes
// the second time: what is missing has to be missing twice.
func (r *run) confirm(first *Attempt, scene Scene, e conclusion) conclusion {
	const may = "a single datagram could explain it"
	if trouble := scene.PathTrouble(); trouble != "" {
		if first.AnyLost {
			return r.insist(first, scene, e, trouble)
		}
		return conclusion{verdict: reports.Inconclusive, reason: fmt.Sprintf("%s; %s, and %s", e.missed(), may, trouble)}
	}
	first.Remark("%s: %s, so the case is run again", e.missed(), may)
	second, scene, again := r.playAgain(first, scene, false)
	defer second.close(scene)
	first.trouble = cmp.Or(first.trouble, second.trouble)
	first.measurements = second.measurements
	if again.verdict != reports.Pass {
		return again
	}
	return conclusion{verdict: reports.Inconclusive, reason: fmt.Sprintf("%s; %s, and the second time all went well", e.missed(), may)}
}

// lossyAttempts is the number of attempts at a case that any lost datagram can spoil: of
// one that a third of the attempts go well at, one in fifty stays without a verdict.
const lossyAttempts = 10

// insist makes further attempts at a case on a path that loses datagrams on purpose, until
// one goes well. When none does, that shows nothing.
func (r *run) insist(first *Attempt, scene Scene, e conclusion, trouble string) conclusion {
	a := first
	for e.verdict == reports.Fail && a.Number < lossyAttempts {
		a.Remark("%s: %s, so the case is run again", e.missed(), trouble)
		a, scene, e = r.playAgain(a, scene, false)
		first.trouble, first.measurements, first.found = cmp.Or(first.trouble, a.trouble), a.measurements, a.found
	}
	a.close(scene)
	if e.verdict != reports.Fail {
		return e
	}
	return conclusion{verdict: reports.Inconclusive, reason: fmt.Sprintf("%s in the last of %d attempts; %s", e.missed(), a.Number, trouble)}
}

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
		before = e.missed()
	}
	first.Remark("%s in %s: the case is run again in a fresh one", before, first.Carried)
	second, scene, again := r.playAgain(first, scene, true)
	defer second.close(scene)
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
