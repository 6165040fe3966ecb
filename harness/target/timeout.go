package target

import (
	"errors"

	"imcheck/harness/transport"
)

// isTimeout reports whether an error is a receive deadline, and not the end of a connection.
func isTimeout(err error) bool {
	var closed *transport.CloseError
	return errors.As(err, &closed) && closed.Reason == transport.Timeout
}
