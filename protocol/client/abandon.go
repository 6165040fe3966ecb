package client

import "imcheck/protocol/wire"

// Abandon gives up all unacknowledged messages and returns them, oldest first. It
// is not followed by Lost effects for them.
func (c *Client) Abandon() []wire.Message {
	if c.sender == nil {
		return nil
	}
	return c.sender.Abandon()
}
