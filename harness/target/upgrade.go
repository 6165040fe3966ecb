package target

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"imcheck/harness/transport"
)

// maxRefusal bounds how many bytes of the answer to an upgrade are read.
const maxRefusal = 16 << 10

// checkUpgrade requests a WebSocket on a stream. It fails when something else answers, such
// as a proxy that does not reach the server: a server under test does not refuse the
// request with a status. Any other answer, and none by the end of ctx, is left to the
// cases to judge.
func checkUpgrade(ctx context.Context, conn transport.Conn, address string) error {
	stream := conn.Raw()
	stop := context.AfterFunc(ctx, func() { _ = stream.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	_, request := transport.NewUpgrade(address)
	if _, err := io.WriteString(stream, request); err != nil {
		return nil // the stream could be opened
	}
	answer, err := http.ReadResponse(bufio.NewReader(io.LimitReader(stream, maxRefusal)), nil)
	if err != nil || answer.StatusCode < http.StatusOK {
		return nil
	}
	return fmt.Errorf("the request for a WebSocket is answered with %q, maybe by a proxy that does not reach the server", sanitize(answer.Status, maxNameText))
}
