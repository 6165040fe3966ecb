package gateway

import (
	"time"

	"imcheck/protocol/server"
)

// Bridge has publish called with what the rules want published, with a lock held: it must
// return at once, and not call back before it has. It keeps body. With false the message is not
// taken. Bridge is called before the first connection.
func (g *Gateway) Bridge(publish func(publication uint64, body []byte) bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.publish = publish
}

// Confirmed says that the broker has confirmed a publication.
func (g *Gateway) Confirmed(publication uint64) { g.told(publication, (*server.Server).Confirmed) }

// Refused says that a publication that was taken has failed, or may have.
func (g *Gateway) Refused(publication uint64) { g.told(publication, (*server.Server).Refused) }

func (g *Gateway) told(publication uint64, what func(*server.Server, time.Time, uint64) []server.Effect) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	g.carryOut(now, what(g.rules, now, publication))
}

// Consumed handles a body from the bridge; false reports that it is not a message.
func (g *Gateway) Consumed(body []byte) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	effects, ok := g.rules.Consumed(now, body)
	g.carryOut(now, effects)
	return ok
}
