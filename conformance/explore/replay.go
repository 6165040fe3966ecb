package explore

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"imcheck/protocol/wire"
)

// maxSteps bounds a conversation that is read from a file.
const maxSteps = 1000

// ReadConversation reads a conversation as a run has written it. The error says which step
// is wrong, and how.
func ReadConversation(text []byte) (Conversation, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var c Conversation
	if err := decoder.Decode(&c); err != nil {
		return nil, fmt.Errorf("it is not a conversation: %w", err)
	}
	if len(c) == 0 || len(c) > maxSteps {
		return nil, fmt.Errorf("a conversation has 1 to %d steps, and this one %d", maxSteps, len(c))
	}
	opened := map[int]wire.Transport{}
	for i, s := range c {
		if err := s.check(opened); err != nil {
			return nil, fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return c, nil
}

// check refuses a step that cannot be done. It notes the transport of what is opened.
func (s Step) check(opened map[int]wire.Transport) error {
	switch s.Do {
	case Open:
		on, err := wire.ParseTransport(s.On)
		if err != nil {
			return fmt.Errorf("on: %w", err)
		}
		if _, twice := opened[s.Conn]; twice {
			return fmt.Errorf("connection %d is opened twice", s.Conn)
		}
		opened[s.Conn] = on
		return nil
	case Wait:
		if s.For <= 0 {
			return errors.New("for: a wait takes some time, in nanoseconds")
		}
		return nil
	case Push, Kick:
		return nil
	case Handshake:
		if !slices.Contains(handshakeKinds, s.Kind) {
			return fmt.Errorf("kind: there is no request %q", s.Kind)
		}
		return nil
	}
	if !slices.ContainsFunc(weights, func(w weight) bool { return w.do == s.Do }) {
		return fmt.Errorf("do: there is no %q", s.Do)
	}
	on, known := opened[s.Conn]
	if !known {
		return nil // shrinking may have left out where it was opened; there is nothing to do then
	}
	if s.Do == Frame && !slices.Contains(frameKinds[on], s.Kind) {
		return fmt.Errorf("kind: %s has no frame %q", on, s.Kind)
	}
	return nil
}
