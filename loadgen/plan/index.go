package plan

import "imcheck/protocol/wire"

// The numbers that name a client, a connection or a peer. Each has a type of its own,
// so that one is not taken for another.
type (
	// Client numbers the clients of the whole run, from 0.
	Client int32
	// Own numbers the clients of one process, from 0 and without gaps, in the order of
	// their Client numbers; see Share.
	Own int32
	// Slot numbers the clients of one worker, from 0; see Workers.
	Slot int32
	// Seat numbers the clients of one worker on one transport, from 0. The source
	// address of a client follows from it.
	Seat int32
	// Place numbers the peers of one client: ServerPlace, then the clients that it
	// writes to or hears from; see Schedule.PeerAt.
	Place int
	// Connection numbers the connections of one client, one after the other.
	Connection uint32
)

// NoClient is the peer at a place where there is none.
const NoClient Client = -1

// ServerPlace is the server's place among the peers of every client.
const ServerPlace Place = 0

// TransportOf returns the transport of a client: they take them in turn. Partners are
// neighbours, so with more than one transport every C → C message crosses from one to
// another.
func TransportOf(client Client, transports []wire.Transport) wire.Transport {
	return transports[int(client)%len(transports)]
}
