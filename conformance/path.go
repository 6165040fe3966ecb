package conformance

import (
	"cmp"
	"fmt"
	"time"

	"imcheck/protocol/wire"
	"imcheck/reports"
)

// pathEchoes is how many echoes show whether the path to the target loses
// datagrams. A path that loses one in thirty in each direction passes one time in
// a thousand.
const pathEchoes = 100

// pathPace is the time between two of them, and pathFresh how long what they
// showed is good for.
const (
	pathPace  = 2 * time.Millisecond
	pathFresh = 2 * time.Second
)

// pathCheck measures what datagrams suffer on their way. Cases that miss one at
// the same time share a measurement.
type pathCheck struct {
	turn    chan struct{} // holds a value while a measurement is under way; a mutex would stop virtual time
	done    time.Time
	trouble string
}

// confirm decides about a failure that a single datagram could explain. It does
// not count on a path that loses or doubles datagrams, nor when the case passes
// the second time: what is missing has to be missing twice.
func (r *run) confirm(first *Scene, e ending) ending {
	const may = "a single datagram could explain it"
	if trouble := r.pathTrouble(first); trouble != "" {
		return ending{verdict: reports.Inconclusive, reason: fmt.Sprintf("%s instead of %s; %s, and %s", e.actual, e.expected, may, trouble)}
	}
	first.transcript.Remark("case", e.actual+" instead of "+e.expected+": "+may+", so the case is run again")
	first.close() // its files are free for the second one
	second := first.again()
	defer second.close()
	again := r.attempt(second)
	first.trouble = cmp.Or(first.trouble, second.trouble)
	first.measurements = second.measurements
	if again.verdict != reports.Pass {
		return again
	}
	return ending{verdict: reports.Inconclusive, reason: fmt.Sprintf("%s instead of %s; %s, and the second time all went well", e.actual, e.expected, may)}
}

// pathTrouble measures the path of datagrams, and says what was wrong with it.
func (r *run) pathTrouble(s *Scene) (trouble string) {
	if s.Target.PathLoses(wire.UDP) {
		return "the path is impaired so that it loses, doubles or reorders datagrams"
	}
	r.path.turn <- struct{}{}
	defer func() { <-r.path.turn }()
	if !r.path.done.IsZero() && time.Since(r.path.done) < pathFresh {
		return r.path.trouble
	}
	defer func() {
		if caught, ended := recover().(ending); ended {
			trouble = "the path could not be measured: " + caught.reason
		}
		r.path.done, r.path.trouble = time.Now(), trouble
	}()
	return s.measurePath()
}

// measurePath sends echoes, and counts what became of them.
func (s *Scene) measurePath() string {
	p := s.ConnectOn(wire.UDP, "path")
	sent := map[string]int{} // contents, and how often they came back
	overtaken, newest := 0, -1
	order := map[string]int{}
	for i := range pathEchoes {
		content := s.unique("path")
		sent[content], order[content] = 0, i
		p.Send(wire.NewEcho("path", content))
		s.Wait(pathPace)
	}
	s.Wait(s.settleTime())
	for _, a := range p.Gather() {
		content := a.Message.DataContent.Value()
		if a.Message.Type != wire.TypeEchoResponse {
			continue
		}
		sent[content]++
		if order[content] < newest {
			overtaken++
		}
		newest = max(newest, order[content])
	}
	p.Close()
	lost, doubled := 0, 0
	for _, came := range sent {
		switch {
		case came == 0:
			lost++
		case came > 1:
			doubled++
		}
	}
	if lost+doubled+overtaken == 0 {
		return ""
	}
	return fmt.Sprintf("of %d echoes sent then %d were lost, %d doubled, %d overtaken", pathEchoes, lost, doubled, overtaken)
}
