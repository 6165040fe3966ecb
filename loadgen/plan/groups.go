package plan

// Bounds of the sizes of conversations.
const (
	MinGroup = 2
	MaxGroup = 16
	// MaxFanOut bounds the groups of FanOuts.
	MaxFanOut = 500
)

// group returns the conversation of a client: its first member and its size. The
// sizes follow each other in turn; what is left over at the end and too small
// for a conversation joins the one before.
func (s *Schedule) group(client Client) (first Client, size int) {
	first, size = s.cutGroup(client)
	switch {
	case size < MinGroup && first > 0:
		first, _ = s.cutGroup(first - 1)
		return first, s.clients - int(first)
	case s.clients-int(first)-size < MinGroup:
		return first, s.clients - int(first)
	}
	return first, size
}

// cutGroup returns the conversation of a client as if the last one could be of any size.
func (s *Schedule) cutGroup(client Client) (first Client, size int) {
	cycle := 0
	for _, size := range s.pattern.groups {
		cycle += size
	}
	first = client / Client(cycle) * Client(cycle)
	for _, size = range s.pattern.groups {
		if client < first+Client(size) {
			break
		}
		first += Client(size)
	}
	return first, min(size, s.clients-int(first))
}

// GroupSize returns the size of the group of a client.
func (s *Schedule) GroupSize(client Client) int {
	part := s.part(client)
	_, size := part.group(part.local(client))
	return size
}

// largestGroup returns an upper bound of the sizes of all conversations.
func (s *Schedule) largestGroup() int {
	largest := 0
	for _, size := range s.pattern.groups {
		largest = max(largest, size)
	}
	return largest + MinGroup - 1
}
