package plan

// maxPeers bounds the places of a client.
const maxPeers = MaxGroup + MinGroup

// Places returns how many places there are among the peers of each client, the server's
// included.
func (s *Schedule) Places() int {
	switch {
	case s.pattern.kind == pushes:
		return 1
	case s.pattern.kind == conversations:
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
	switch {
	case s.pattern.kind == conversations:
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
	for place := Place(1); int(place) < s.Places(); place++ {
		if s.PeerAt(client, place) == other {
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
