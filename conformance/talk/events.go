package talk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"imcheck/harness/driver"
	"imcheck/harness/target"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/driverapi"
	"imcheck/protocol/wire"
)

// occurrence is an event of a client; one without a kind is its end.
type occurrence struct {
	client int
	driver.Event
}

// forward hands on the events of a client, and its end.
func (r *run) forward(i int, d *driver.Driver) {
	hand := func(o occurrence) bool {
		select {
		case r.events <- o:
			return true
		case <-r.done:
			return false
		}
	}
	for e := range d.Events() {
		if !hand(occurrence{i, e}) {
			break
		}
	}
	hand(occurrence{client: i})
}

// follow starts to follow the events of the server.
func (r *run) follow(ctx context.Context) {
	if r.options.Control == nil {
		return
	}
	own, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r.unmade = cancel
	r.follows = r.options.Control.FollowOwn(own, func(e target.Event) bool {
		if slices.Contains([]controlapi.EventName{controlapi.EventC2C, controlapi.EventReceived, controlapi.EventLost, controlapi.EventOffline}, e.Event) {
			select {
			case r.told <- e:
			case <-r.done:
			}
		}
		return false // the ledger has all that is to be kept
	})
}

// delivered notes what the relay has handed to a client.
func (r *run) delivered(data []byte) {
	m, err := wire.Decode(data)
	if err != nil || m.Type != wire.TypeData {
		return
	}
	select {
	case r.reached <- m.Fingerprint.Value():
	case <-r.done:
	}
}

// hear enters what the server's application was told.
func (r *run) hear(e target.Event) {
	fingerprint := e.Fingerprint
	if fingerprint == "" {
		var m struct {
			Fingerprint string `json:"fp"`
		}
		_ = json.Unmarshal(e.Message, &m) // one without a fingerprint is not ours
		fingerprint = m.Fingerprint
	}
	told := map[controlapi.EventName]Told{
		controlapi.EventC2C: ToldPassedOn, controlapi.EventReceived: ToldReceived,
		controlapi.EventLost: ToldLost, controlapi.EventOffline: ToldOffline,
	}[e.Event]
	if told == ToldOffline && e.IsCode(1) {
		told = ToldStored
	}
	r.ledger.Told(e.ReadAt, fingerprint, told)
}

// take enters an event of a client. The error says that the client is of no further use.
func (r *run) take(o occurrence) error {
	now, c := o.At, &r.clients[o.client]
	switch o.Kind {
	case "":
		return &DriverError{o.client + 1, r.drivers[o.client].Err()}
	case driverapi.EventUnsupported:
		return &DriverError{o.client + 1, fmt.Errorf("it does not support %q", o.Do)}
	case driverapi.EventLogin:
		if o.Code == wire.CodeOK {
			c.Logins++
			r.online[o.client] = true
			r.ledger.LoggedIn(o.client)
		} else if !r.online[o.client] {
			return &DriverError{o.client + 1, fmt.Errorf("the server refused its login with code %d", o.Code)}
		}
	case driverapi.EventMessage:
		r.ledger.Shown(now, o.client, o.From.Value(), o.DataContent.Value())
	case driverapi.EventReceived:
		r.ledger.Acked(now, o.client, o.Fingerprint.Value())
	case driverapi.EventLost:
		r.ledger.Lost(now, o.client, o.Fingerprints)
	case driverapi.EventSent:
		r.ledger.SendAnswered(o.client, o.Code)
	case driverapi.EventLinkClose:
		c.LinksEnded++
		r.ledger.LinkEnded(now, o.client)
	case driverapi.EventKickout:
		c.Kicked++
		r.ledger.LinkEnded(now, o.client)
	case driverapi.EventError:
		c.Errors++
	}
	return nil
}
