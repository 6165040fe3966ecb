package reports

// FanOut counts the messages to groups of a load: each is one message to every other member.
type FanOut struct {
	Group    int   `json:"group"`    // size of the groups
	Messages int64 `json:"messages"` // that were due to a group
	Complete int64 `json:"complete"` // of these, arrived at all other members
}
