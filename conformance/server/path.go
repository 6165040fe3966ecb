package server

import (
	"fmt"
	"time"

	"imcheck/conformance/suite"
	"imcheck/protocol/wire"
)

// pathEchoes is the number of echoes that measure whether the path to the target loses
// datagrams. A path that loses one in thirty in each direction passes one time in a
// thousand.
const pathEchoes = 100

// pathInterval is the time between two of them, and pathMaxAge bounds the time for
// which a measurement is used.
const (
	pathInterval = 2 * time.Millisecond
	pathMaxAge   = 2 * time.Second
)

// pathCheck measures the loss, duplication and reordering of datagrams. Cases that miss
// one at the same time share a measurement.
type pathCheck struct {
	turn    chan struct{} // holds a value while a measurement is under way; a mutex would stop virtual time
	done    time.Time
	trouble string
}

// PathTrouble measures the path of datagrams, and says what was wrong with it.
func (s *Scene) PathTrouble() string {
	if trouble := s.Target.PathTrouble(wire.UDP); trouble != "" {
		return trouble
	}
	path := &s.world.path
	path.turn <- struct{}{}
	defer func() { <-path.turn }()
	if !path.done.IsZero() && time.Since(path.done) < pathMaxAge {
		return path.trouble
	}
	trouble := ""
	if reason, ended := suite.Try(func() { trouble = s.measurePath() }); ended {
		trouble = "the path could not be measured: " + reason
	}
	path.done, path.trouble = time.Now(), trouble
	return trouble
}

// measurePath sends echoes, and describes which of them were lost, doubled or
// overtaken; it returns "" when none was.
func (s *Scene) measurePath() string {
	p := s.ConnectOn(wire.UDP, "path")
	sent := map[string]int{} // contents, and how often they came back
	overtaken, newest := 0, -1
	order := map[string]int{}
	for i := range pathEchoes {
		content := s.Unique("path")
		sent[content], order[content] = 0, i
		p.Send(wire.NewEcho("path", content))
		s.Wait(pathInterval)
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
