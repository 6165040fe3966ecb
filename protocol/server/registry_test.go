package server

import (
	"fmt"
	"testing"
	"time"

	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Registrations that have ended take no room for long, and pages go on where the last one
// has ended, whoever has left meanwhile.
func TestRegistryForgets(t *testing.T) {
	const users = 10 * minGone
	s := NewServer(Config{Policy: DefaultPolicy(timing.DefaultModes()), Limits: DefaultLimits}, time.Unix(1, 0))
	session := &Session{Transport: wire.TCP}
	for n := range users {
		s.registry.add(1, fmt.Sprint(n), session)
		s.registry.add(2, fmt.Sprint(n), session) // again: it keeps its place
	}
	for n := range users {
		if n%10 != 0 {
			s.registry.remove(fmt.Sprint(n))
			s.registry.remove(fmt.Sprint(n))
		}
	}
	if live := users / 10; len(s.registry.order) > 2*live+minGone+1 || s.OnlineCounts()[wire.TCP] != live {
		t.Errorf("%d entries, online %v; want %d online", len(s.registry.order), s.OnlineCounts(), live)
	}
	first := s.Sessions(0, 3)
	s.registry.remove(first[2].User)
	second := s.Sessions(first[2].Number, 1)
	if len(first) != 3 || first[2].User != "20" || len(second) != 1 || second[0].User != "30" {
		t.Errorf("pages %+v and %+v", first, second)
	}
	if page := s.Sessions(s.registry.last, 5); len(page) != 0 {
		t.Errorf("after the last: %+v", page)
	}
	if _, there := s.Registered("20"); there {
		t.Error("20 has left and is still registered")
	}
}
