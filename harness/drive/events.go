package drive

import (
	"imcheck/protocol/client"
	"imcheck/protocol/driverapi"
	"imcheck/protocol/wire"
)

// observe reports what the rules of the client say that happened.
func (d *driver) observe(e client.Effect) {
	m := e.Message
	switch e.Kind {
	case client.LoggedIn:
		d.emit(driverapi.Event{Kind: driverapi.EventLogin, Code: wire.CodeOK})
	case client.Refused:
		d.emit(driverapi.Event{Kind: driverapi.EventLogin, Code: e.Code})
	case client.Delivered:
		d.emit(driverapi.Event{
			Kind: driverapi.EventMessage, Fingerprint: m.Fingerprint, From: wire.Some(m.From.Value()),
			DataContent: wire.Some(m.DataContent.Value()), UserType: m.UserType,
		})
	case client.Received:
		d.emit(driverapi.Event{Kind: driverapi.EventReceived, Fingerprint: wire.Some(m.Fingerprint.Value())})
	case client.Lost:
		d.emit(driverapi.Event{Kind: driverapi.EventLost, Fingerprints: []string{m.Fingerprint.Value()}})
	case client.LinkClosed:
		d.emit(driverapi.Event{Kind: driverapi.EventLinkClose, Code: e.Code})
	case client.KickedOut:
		kick, _ := wire.ParseKickout(m.DataContent.Value()) // one that cannot be read has no reason
		d.emit(driverapi.Event{Kind: driverapi.EventKickout, Code: e.Code, Reason: kick.Reason})
	case client.Failed:
		body, _ := wire.ParseErrorResponse(m.DataContent.Value()) // it was read for the code
		d.emit(driverapi.Event{Kind: driverapi.EventError, Code: e.Code, Message: body.Message.Value()})
	}
}

// emit writes one event.
func (d *driver) emit(e driverapi.Event) {
	d.writing.Lock()
	defer d.writing.Unlock()
	if d.failed == nil {
		_, d.failed = d.out.Write(e.Append(nil))
	}
}

func (d *driver) writeError() error {
	d.writing.Lock()
	defer d.writing.Unlock()
	return d.failed
}
