package loadgen

// peer is what a client keeps for one other that it writes to or hears from:
// the number of messages sent there that count, and the window of those that
// came from there.
type peer struct {
	sent  uint32
	heard window
}

// The first place among a client's peers is the server's.
const serverPlace = 0

// maxPeers bounds a client's peers.
const maxPeers = maxGroup + minGroup

// places is how many peers there is room for at each client, the server
// included.
func (s *schedule) places() int {
	switch {
	case s.kind == ScenarioPush:
		return 1
	case s.kind == ScenarioChat:
		return s.largestGroup()
	case s.kind != ScenarioSteady:
		return 0
	case s.clients > 1 && s.clients%2 == 1:
		return 3 // the first client hears from the odd one out as well
	}
	return 2
}

// peerAt is the client at a place, -1 when there is none.
func (s *schedule) peerAt(client, place int) int {
	switch {
	case s.kind == ScenarioChat:
		return s.groupPeer(client, place)
	case place == 1 && s.kind == ScenarioSteady:
		return s.partner(client)
	case place == 2 && client == 0 && s.places() == 3:
		return s.clients - 1
	}
	return -1
}

// groupPeer counts the others of a conversation from 1 on.
func (s *schedule) groupPeer(client, place int) int {
	first, size := s.group(client)
	if place >= size {
		return -1
	}
	if other := first + place - 1; other < client {
		return other
	}
	return first + place
}

// placeOf is where a client has another one among its peers; ok is false when
// the two have nothing to do with each other.
func (s *schedule) placeOf(client, other int) (place int, ok bool) {
	for place := 1; place < s.places(); place++ {
		if s.peerAt(client, place) == other {
			return place, true
		}
	}
	return 0, false
}

// peersOf is the peers of one client.
func (w *worker) peersOf(m *member) []peer {
	places := w.swarm.schedule.places()
	at := int(w.slot(m)) * places
	return w.peers[at : at+places]
}

// nextSerial gives the next message to a peer its number.
func (w *worker) nextSerial(m *member, f flow, place int, counts bool) serial {
	s := serial{client: int(m.index), stream: uncounted, number: m.messages}
	if !counts {
		m.messages++
		return s
	}
	p := &w.peersOf(m)[place]
	s.stream, s.to, s.number = flowStreams[f], place, p.sent
	p.sent++
	return s
}

// flowStreams are the streams of messages that count.
var flowStreams = [flows]stream{toServer: countedC2S, toClient: countedC2C, fromServer: countedS2C}
