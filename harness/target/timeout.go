package target

import (
	"errors"

	"imcheck/harness/transport"
)

// isTimeout tells a receive deadline from a connection that ended.
func isTimeout(err error) bool {
	var closed *transport.CloseError
	return errors.As(err, &closed) && closed.Reason == transport.Timeout
}
