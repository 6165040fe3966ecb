package client

import "imcheck/protocol/wire"

// Abandon gives up every message that waits for its ACK and returns them,
// oldest first. No Lost follows for them.
func (c *Client) Abandon() []wire.Message {
	if c.sender == nil {
		return nil
	}
	return c.sender.Abandon()
}
