package loadgen

// group is the conversation of a client: its first member and its size. The
// sizes follow each other in turn; what is left over at the end and too small
// for a conversation joins the one before.
func (s *schedule) group(client int) (first, size int) {
	first, size = s.cutGroup(client)
	switch {
	case size < minGroup && first > 0:
		first, size = s.cutGroup(first - 1)
		return first, size + s.clients - first - size
	case s.clients-first-size < minGroup:
		return first, s.clients - first
	}
	return first, size
}

// cutGroup is the conversation of a client before the last one is seen to.
func (s *schedule) cutGroup(client int) (first, size int) {
	cycle := 0
	for _, size := range s.groups {
		cycle += size
	}
	first = client / cycle * cycle
	for _, size = range s.groups {
		if client < first+size {
			break
		}
		first += size
	}
	return first, min(size, s.clients-first)
}

// largestGroup bounds the size of any conversation.
func (s *schedule) largestGroup() int {
	largest := 0
	for _, size := range s.groups {
		largest = max(largest, size)
	}
	return largest + minGroup - 1
}
