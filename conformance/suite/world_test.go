package suite

import (
	"context"
	"time"

	"imcheck/protocol/wire"
	"imcheck/reports"
)

// testWorld is a target that has no capability and is always there.
type testWorld struct {
	tolerance time.Duration // tolerance of measured times
}

// testScene is an attempt and nothing else.
type testScene struct{ *Attempt }

func (testWorld) Start(context.Context, string, Timeouts) error { return nil }
func (testWorld) Stop()                                         {}
func (testWorld) Has(string) bool                               { return false }
func (testWorld) Probe(context.Context) error                   { return nil }

func (w testWorld) NewScene(a *Attempt) Scene {
	a.Tolerance = w.tolerance
	return &testScene{a}
}

func (*testScene) Settle()             {}
func (*testScene) PathTrouble() string { return "" }
func (*testScene) Close()              {}

// Wait lets time pass.
func (s *testScene) Wait(d time.Duration) { s.WaitUntil(time.Now().Add(d)) }

// itemOf is a case for a test that needs no target.
func itemOf(name string, run func(*testScene)) Item {
	c := Case{ID: "area/" + name, Requirement: "It works.", Covers: []string{"json-object"}, Level: reports.Must,
		Run: func(s Scene) { run(s.(*testScene)) }}
	return Item{c, wire.TCP}
}
