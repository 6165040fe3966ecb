package plan

// maxPeers bounds the places of a client.
const maxPeers = MaxFanOut + MinGroup

// Places returns how many places there are among the peers of each client, the server's
// included; where parts have different ones, the most.
func (s *Schedule) Places() (places int) {
	for i := range s.parts {
		places = max(places, s.parts[i].Places())
	}
	switch {
	case len(s.parts) > 0:
		return places
	case s.pattern.kind == pushes:
		return 1
	case s.pattern.inGroups():
		return s.largestGroup()
	case s.pattern.kind != alternating:
		return 0
	case s.clients > 1 && s.clients%2 == 1:
		return 3 // the first client hears from the odd one out as well
	}
	return 2
}

// PeerAt returns the client at a place, NoClient when there is none.
func (s *Schedule) PeerAt(client Client, place Place) Client {
	part := s.part(client)
	return part.global(part.peerAt(part.local(client), place))
}

func (s *Schedule) peerAt(client Client, place Place) Client {
	switch {
	case s.pattern.inGroups():
		return s.groupPeer(client, place)
	case place == 1 && s.pattern.kind == alternating:
		return s.partner(client)
	case place == 2 && client == 0 && s.Places() == 3:
		return Client(s.clients - 1)
	}
	return NoClient
}

// groupPeer counts the others of a conversation from 1 on.
func (s *Schedule) groupPeer(client Client, place Place) Client {
	first, size := s.group(client)
	if int(place) >= size {
		return NoClient
	}
	if other := first + Client(place) - 1; other < client {
		return other
	}
	return first + Client(place)
}

// PlaceOf returns where a client has another one among its peers; ok is false when
// neither writes to the other.
func (s *Schedule) PlaceOf(client, other Client) (place Place, ok bool) {
	if client < 0 || other < 0 || int(client) >= s.whole() || int(other) >= s.whole() || s.PartOf(client) != s.PartOf(other) {
		return 0, false
	}
	part := s.part(client)
	return part.placeOf(part.local(client), part.local(other))
}

func (s *Schedule) placeOf(client, other Client) (place Place, ok bool) {
	if s.pattern.inGroups() {
		first, size := s.group(client)
		switch {
		case other < first || other >= first+Client(size) || other == client:
			return 0, false
		case other < client:
			return Place(other-first) + 1, true
		}
		return Place(other - first), true
	}
	for place := Place(1); int(place) < s.Places(); place++ {
		if s.peerAt(client, place) == other {
			return place, true
		}
	}
	return 0, false
}

// partner returns the client that a client of an alternating load writes to, always the
// same one: its neighbour. An odd one out writes to the first client.
func (s *Schedule) partner(client Client) Client {
	if other := client ^ 1; int(other) < s.clients {
		return other
	}
	return 0
}
