package server

import (
	"context"
	"fmt"

	"imcheck/harness/transport/impair"
	"imcheck/protocol/wire"
)

// named names a connection that is about to be dialed, so that an impaired path
// with the same seed loses the same datagrams of it in every run: by the case and
// its transport, the connection's own transport and label, and its number within
// the case. A user's id would not do, as it differs from run to run.
func (s *Scene) named(ctx context.Context, t wire.Transport, label string) context.Context {
	number := len(s.peers) + len(s.streams) + 1
	return impair.WithName(ctx, fmt.Sprintf("%s %s %s %s %d", s.Item.ID, s.Transport, t, label, number))
}
