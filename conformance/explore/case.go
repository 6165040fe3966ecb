package explore

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"imcheck/conformance/server"
	"imcheck/conformance/suite"
	"imcheck/harness/target"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// Area is the area of the cases that are made of files.
const Area = "explore"

// casePace is that of a conversation in a case: many others are run at the same time.
var casePace = Pace{Quiet: 100 * time.Millisecond, Patience: 2 * time.Second}

var notInIDs = regexp.MustCompile(`[^a-z0-9]+`)

// ID is that of the case that plays the file, after the name of the file.
func (f *File) ID() string {
	name := strings.TrimSuffix(filepath.Base(f.Path), filepath.Ext(f.Path))
	return Area + "/" + cmp.Or(strings.Trim(notInIDs.ReplaceAllString(strings.ToLower(name), "-"), "-"), "conversation")
}

// Case returns a case that passes when a server does what the model explains, as in any
// conversation that is explored.
func (f *File) Case() suite.Case {
	title := strings.TrimSuffix(f.Title, ".")
	if title == "" {
		title = "The conversation of " + filepath.Base(f.Path) + " goes as the rules say, or as §7 leaves open"
	}
	on := f.transports()
	return suite.Case{
		ID: f.ID(), Requirement: title + ".", Covers: f.Requirements, Level: reports.Must,
		Transports: on[:1], Uses: on, Needs: f.needs(), Opens: f.count(Open), OwnIDs: true, Run: server.Func(f.run),
	}
}

// transports lists those on which the conversation connects, the first first; TCP for one
// that does not.
func (f *File) transports() (all []wire.Transport) {
	for _, s := range f.Steps {
		on, err := wire.ParseTransport(s.On)
		if s.Do == Handshake {
			on, err = wire.WS, nil
		}
		if err == nil && (s.Do == Open || s.Do == Handshake) && !slices.Contains(all, on) {
			all = append(all, on)
		}
	}
	if len(all) == 0 {
		return []wire.Transport{wire.TCP}
	}
	return all
}

func (f *File) count(do Action) (n int) {
	for _, s := range f.Steps {
		if s.Do == do {
			n++
		}
	}
	return n
}

// needs lists the capabilities without which steps could not be taken, or would mean
// something else.
func (f *File) needs() []string {
	var all controlapi.Capabilities
	add := func(c controlapi.Capability, needed bool) {
		if needed && !all.Has(c) {
			all = append(all, c)
		}
	}
	for _, s := range f.Steps {
		// A target is asked for pushes and kicks only when it can do both.
		application := s.Do == Push || s.Do == Kick
		add(controlapi.CapabilityS2C, application)
		add(controlapi.CapabilityKick, application)
		add(controlapi.CapabilityVerdicts, s.Do == Login && s.Code != 0)
		add(controlapi.CapabilityVeto, s.Do == Data && strings.HasPrefix(s.Text, controlapi.VetoPrefix))
	}
	return all.Names()
}

// run plays the conversation, and again, more patiently, for as often as a difference has
// to show.
func (f *File) run(s *server.Scene) {
	pace := Pace{Quiet: casePace.Quiet + s.PathDelay, Patience: casePace.Patience + s.PathDelay}
	first, least := f.playIn(s, pace)
	if first == nil {
		return
	}
	last := first
	for range confirmations {
		s.Remark("%s instead of %s on %s: the conversation is played again, more patiently", first.Actual, first.Expected, place(first.Conn))
		var lag time.Duration
		last, lag = f.playIn(s, Pace{Quiet: patience * pace.Quiet, Patience: patience * pace.Patience})
		if least = min(least, lag); last == nil {
			suite.Inconclusive(fmt.Sprintf("%s instead of %s on %s, and not when it was played again", first.Actual, first.Expected, place(first.Conn)))
		}
	}
	if least > margin { // else the harness was in time at least once
		suite.Inconclusive(fmt.Sprintf("%s instead of %s on %s, but the harness itself was up to %v late each time", last.Actual, last.Expected, place(last.Conn), least.Round(time.Millisecond)))
	}
	lossy := slices.Contains(f.transports(), wire.UDP)
	suite.FailOn(lossy, fmt.Sprintf("%s on %s", last.Expected, place(last.Conn)), fmt.Sprintf("%s, after %.3f s", last.Actual, last.At.Seconds()))
}

// playIn plays the conversation once. It returns the difference, if any, and how late the
// harness was meanwhile.
func (f *File) playIn(s *server.Scene, pace Pace) (*Difference, time.Duration) {
	nonce := strings.ReplaceAll(s.Unique("x"), "-", ".") // with that of the run, and no - in it
	notified := &Notifications{listeners: map[string]func(target.Event){}}
	stop, ok := s.EachEvent(notified.hand)
	defer stop()
	if !ok {
		notified = nil
	}
	p := newPlayer(s.Target, s.Control(), notified, nonce, pace)
	p.scene = s
	started := time.Now()
	h, err := p.play(s.Context(), f.Steps)
	if err != nil {
		s.Note(err)
		s.CheckAlive()
		suite.Broken(fmt.Errorf("playing %s: %w", f.Path, err))
	}
	return h.judge(new([]choice)), s.Lag().Between(started, time.Now())
}
