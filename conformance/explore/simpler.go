package explore

import (
	"slices"
	"time"
)

// simpler lists conversations that are simpler than one in a single thing, those with
// fewer steps first. Repeating it comes to an end.
func simpler(c Conversation) (all []Conversation) {
	all = slices.Concat(withoutStep(c), withFewerWaits(c), withFewerConnections(c), withFewerUsers(c), withSimplerSteps(c), withShorterWaits(c))
	if r := renumbered(c); !slices.Equal(r, c) {
		all = append(all, r)
	}
	return all
}

func withoutStep(c Conversation) (all []Conversation) {
	for i := range c {
		if len(c) > 1 {
			all = append(all, slices.Delete(slices.Clone(c), i, i+1))
		}
	}
	return all
}

// withFewerWaits makes one wait of two, with which all that is between them comes before
// or after it.
func withFewerWaits(c Conversation) (all []Conversation) {
	last := -1
	for i, s := range c {
		if s.Do != Wait {
			continue
		}
		if last >= 0 {
			early, late := slices.Clone(c), slices.Clone(c)
			early[last].For += s.For
			late[i].For += c[last].For
			all = append(all, slices.Delete(early, i, i+1), slices.Delete(late, last, last+1))
		}
		last = i
	}
	return all
}

// withFewerConnections does on an earlier connection what was done on a later one.
func withFewerConnections(c Conversation) (all []Conversation) {
	for i, opening := range c {
		if opening.Do != Open {
			continue
		}
		for _, earlier := range c[:i] {
			if earlier.Do != Open || earlier.On != opening.On { // the transports have other frames
				continue
			}
			merged := slices.Delete(slices.Clone(c), i, i+1)
			for j := range merged {
				if merged[j].onConnection() && merged[j].Conn == opening.Conn {
					merged[j].Conn = earlier.Conn
				}
			}
			all = append(all, merged)
		}
	}
	return all
}

// withFewerUsers makes one user of two.
func withFewerUsers(c Conversation) (all []Conversation) {
	for user := 1; user < users; user++ {
		for earlier := range user {
			merged := slices.Clone(c)
			for i := range merged {
				merged[i].mapUsers(func(u int) int {
					if u == user {
						return earlier
					}
					return u
				})
			}
			if !slices.Equal(merged, c) {
				all = append(all, merged)
			}
		}
	}
	return all
}

// withSimplerSteps leaves out one thing that a step has.
func withSimplerSteps(c Conversation) (all []Conversation) {
	for i := range c {
		for _, simplify := range []func(*Step){
			func(s *Step) { s.Type = 0 }, func(s *Step) { s.Over = false }, func(s *Step) { s.Claim = NoClaim },
			func(s *Step) { s.Code = simplestCode(*s) }, func(s *Step) { s.Text = simplestText(*s) },
			func(s *Step) {
				if s.QoS = false; s.Do == Data || s.Do == Push {
					s.No = 0
				}
			},
		} {
			other := slices.Clone(c)
			if simplify(&other[i]); other[i] != c[i] {
				all = append(all, other)
			}
		}
	}
	return all
}

// simplestCode is that of a login which is accepted, and of an administrator's kick.
func simplestCode(s Step) int {
	if s.Do == Kick {
		return 2
	}
	return 0
}

// simplestText is no text, but for bad bytes, which are what their step is about.
func simplestText(s Step) string {
	if s.Do == Bytes {
		return s.Text
	}
	return ""
}

// roomier makes every wait longer: a step that only takes time may matter to one that is
// barely long enough. Making waits shorter comes last.
func roomier(c Conversation) Conversation {
	c = slices.Clone(c)
	for i := range c {
		if c[i].Do == Wait {
			c[i].For += time.Second
		}
	}
	return c
}

// withShorterWaits shortens one wait, by as much as possible first.
func withShorterWaits(c Conversation) (all []Conversation) {
	for i, s := range c {
		if s.Do != Wait {
			continue
		}
		for _, shorter := range slices.Sorted(slices.Values(waits)) {
			if shorter < s.For && s.For-shorter >= 100*time.Millisecond {
				other := slices.Clone(c)
				other[i].For = shorter
				all = append(all, other)
			}
		}
	}
	return all
}

// renumbered counts connections, users and messages from the first on, in the order in
// which they appear.
func renumbered(c Conversation) Conversation {
	conns, people, messages := map[int]int{}, map[int]int{}, map[int]int{}
	next := func(known map[int]int, n, first int) int {
		if _, found := known[n]; !found {
			known[n] = first + len(known)
		}
		return known[n]
	}
	c = slices.Clone(c)
	for i := range c {
		s := &c[i]
		if s.onConnection() {
			s.Conn = next(conns, s.Conn, 0)
		}
		s.mapUsers(func(u int) int { return next(people, u, 0) })
		if s.No > 0 {
			s.No = next(messages, s.No, 1)
		}
	}
	return c
}

// onConnection reports whether a step is about a connection.
func (s Step) onConnection() bool {
	return s.Do != Wait && s.Do != Push && s.Do != Kick && s.Do != Handshake
}

// mapUsers renames the users that a step names. Bytes name users in their text, by their
// own means.
func (s *Step) mapUsers(name func(int) int) {
	switch s.Do {
	case Login, KeepAlive, Echo, Logout, Frame:
		s.User = name(s.User)
	case Data:
		s.User = name(s.User)
		if s.To >= 0 {
			s.To = name(s.To)
		}
	case Push, Kick:
		s.To = name(s.To)
	}
}
