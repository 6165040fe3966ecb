package target

import (
	"bufio"
	"context"
	"errors"
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
// request with a status, nor choose what was not offered. An answer that is garbled is not HTTP, or complains of a request
// that it could not read, as a server with TLS does. Any other answer, and none by the end
// of ctx, is left to the cases to judge.
func checkUpgrade(ctx context.Context, conn transport.Conn, host string, r transport.UpgradeRequest) (garbled bool, err error) {
	stream := conn.Raw()
	stop := context.AfterFunc(ctx, func() { _ = stream.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	upgrade, request := transport.NewUpgrade(host, r)
	if _, err := io.WriteString(stream, request); err != nil {
		return true, nil // the stream could be opened
	}
	answer, err := http.ReadResponse(bufio.NewReader(io.LimitReader(stream, maxRefusal)), nil)
	switch {
	case err != nil && isAlert(err):
		return false, fmt.Errorf("TLS handshake: %w", err)
	case err != nil:
		return ctx.Err() == nil, nil
	case answer.StatusCode == http.StatusSwitchingProtocols && upgrade.WrongChoice(answer.Header) != "":
		return false, errors.New(upgrade.WrongChoice(answer.Header))
	case answer.StatusCode < http.StatusOK:
		return false, nil
	case upgrade.Insists(answer.Header):
		return false, fmt.Errorf("the request for a WebSocket is answered with %q: the server insists on compression (permessage-deflate), which was not offered: --ws-compression offers it", sanitize(r.Conceal(answer.Status), maxNameText))
	}
	return answer.StatusCode == http.StatusBadRequest, fmt.Errorf("the request for a WebSocket is answered with %q, maybe by a proxy that does not reach the server, or that serves another path",
		sanitize(r.Conceal(answer.Status), maxNameText))
}
