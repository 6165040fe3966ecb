package faults

import (
	"strings"

	"imcheck/protocol/controlapi"
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
	"imcheck/reference-server/bridge"
)

// bridgeFaults break the rules of §6. They change nothing without a bridge, but for the one of
// vetoed messages.
func bridgeFaults() []Fault {
	return []Fault{
		{Name: "bridge-text-mangled", Does: "characters outside of ASCII are published as question marks", Effects: onPublish(altered(mangled))},
		{Name: "bridge-transient", Does: "bodies on the bridge are not persistent", Bridge: func(q *bridge.Quirks) { q.Transient = true }},
		{Name: "bridge-content-type", Does: "bodies on the bridge have content type application/json", Bridge: func(q *bridge.Quirks) { q.ContentType = "application/json" }},
		{Name: "bridge-ack-missing", Does: "a message that was published is not acknowledged", Hooks: remembering(publishedUnacknowledged)},
		{Name: "bridge-ack-unasked", Does: "a message that was published is acknowledged without QoS too", Effects: publishedAcknowledged},
		{Name: "bridge-flag-refused", Does: "a message with the bridge flag is not published", Effects: onPublish(flaggedDropped)},
		{Name: "bridge-copy-published", Does: "a further copy of a message is published again", Hooks: remembering(copyPublished)},
		{Name: "bridge-deduplicated-always", Does: "each fingerprint is published once, also without QoS", Hooks: remembering(publishedOnce)},
		{Name: "bridge-online-published", Does: "a message to a user who is online here is published too", Effects: alsoPublished(server.EventC2C, false)},
		{Name: "bridge-published-offered", Does: "the application is asked to store a message that is published", Effects: publishedOffered},
		{Name: "bridge-stored-kept", Does: "a message that the application would store is not published", Effects: storedKept},
		{Name: "bridge-vetoed-published", Does: "a veto of the application only removes what it was about", Inbound: vetoRemoved},
		{Name: "bridge-receipt-published", Does: "the ACK of a message from the bridge is published", Hooks: remembering(receiptPublished)},
		{Name: "bridge-flag-missing", Does: "a message from the bridge is delivered without the bridge flag", Effects: onCarried(altered(func(m *wire.Message) { m.Bridge = false }))},
		{Name: "bridge-qos-missing", Does: "a message from the bridge is delivered without QoS", Effects: onCarried(altered(func(m *wire.Message) { m.QoS = false }))},
		{Name: "bridge-deaf", Does: "the queue of the bridge is not consumed", Bridge: func(q *bridge.Quirks) { q.Deaf = true }},
		{Name: "bridge-queue-not-awaited", Does: "a queue to consume that is not there at the start is never looked for again", Bridge: func(q *bridge.Quirks) { q.LooksOnce = true }},
		{Name: "bridge-unacknowledged", Does: "what was consumed from the bridge is not acknowledged to the broker", Bridge: func(q *bridge.Quirks) { q.Unacknowledged = true }},
		{Name: "bridge-last-first", Does: "what has piled up in the queue of the bridge is delivered in reverse order", Bridge: func(q *bridge.Quirks) { q.LastFirst = true }},
		{Name: "bridge-receipt-ignored", Does: "an ACK with the bridge flag does not end the retransmission", Inbound: flaggedReceiptIgnored},
		{Name: "bridge-not-retransmitted", Does: "a message from the bridge is sent once only", Hooks: remembering(carriedOnce)},
		{Name: "bridge-delivery-unreported", Does: "the application is not told of a delivery from the bridge", Effects: carriedUnreported(server.EventC2C)},
		{Name: "bridge-absent-unreported", Does: "the application is not asked about a message from the bridge whose receiver is not online", Effects: carriedUnreported(server.EventOffline)},
		{Name: "bridge-sent-back", Does: "a message from the bridge whose receiver is not online is published", Effects: alsoPublished(server.EventOffline, true)},
		{Name: "bridge-stuck-on-rubbish", Does: "nothing is consumed after a body that is not a message", Bridge: func(q *bridge.Quirks) { q.StuckOnRubbish = true }},
		{Name: "bridge-delivery-vetoed", Does: "the application may veto a message from the bridge", Effects: onCarried(vetoedDropped)},
	}
}

// onPublish changes what is published. Nothing in place of a message leaves it waiting.
func onPublish(change messageChange) effectChange {
	return func(e server.Effect) (out []server.Effect) {
		if e.Kind != server.Publish {
			return unchanged(e)
		}
		for _, m := range change(e.Message) {
			e.Message = m
			out = append(out, e)
		}
		return out
	}
}

// onCarried changes data from the bridge on its way to its receiver.
func onCarried(change messageChange) effectChange {
	return onSend(wire.TypeData, func(m wire.Message) []wire.Message {
		if !m.Bridge || !m.QoS {
			return []wire.Message{m}
		}
		return change(m)
	})
}

func mangled(m *wire.Message) {
	m.DataContent = wire.Some(strings.Map(func(r rune) rune {
		if r > 127 {
			return '?'
		}
		return r
	}, m.DataContent.Value()))
}

func flaggedDropped(m wire.Message) []wire.Message {
	if m.Bridge {
		return nil
	}
	return []wire.Message{m}
}

func vetoedDropped(m wire.Message) []wire.Message {
	if vetoed(m) {
		return nil
	}
	return []wire.Message{m}
}

func vetoRemoved(_ *server.Session, in server.Inbound) server.Inbound {
	if in.Message.Type == wire.TypeData && vetoed(in.Message) {
		in.Message.DataContent = wire.Some(strings.TrimPrefix(in.Message.DataContent.Value(), controlapi.VetoPrefix))
	}
	return in
}

func flaggedReceiptIgnored(_ *server.Session, in server.Inbound) server.Inbound {
	in.Ignored = in.Ignored || in.Message.Type == wire.TypeReceived && in.Message.Bridge
	return in
}

// publication is an effect that nobody waits for.
func publication(m wire.Message) server.Effect {
	return server.Effect{Kind: server.Publish, Message: m}
}

// alsoPublished publishes what an event is about, if it is from the bridge, or if it is not.
func alsoPublished(kind server.EventKind, fromBridge bool) effectChange {
	return func(e server.Effect) []server.Effect {
		if !reports(e, kind) || e.Event.Message == nil || e.Event.Message.Bridge != fromBridge {
			return unchanged(e)
		}
		return []server.Effect{e, publication(*e.Event.Message)}
	}
}

func carriedUnreported(kind server.EventKind) effectChange {
	return func(e server.Effect) []server.Effect {
		if reports(e, kind) && e.Event.Message != nil && e.Event.Message.Bridge {
			return nil
		}
		return unchanged(e)
	}
}

func publishedAcknowledged(e server.Effect) []server.Effect {
	if e.Kind != server.Publish || e.Message.QoS {
		return unchanged(e)
	}
	return []server.Effect{e, {Kind: server.Send, Session: e.Session, Message: wire.NewReceived(e.Message)}}
}

func publishedOffered(e server.Effect) []server.Effect {
	if e.Kind != server.Publish {
		return unchanged(e)
	}
	m := e.Message
	asked := server.Event{Kind: server.EventOffline, User: m.To.Value(), Fingerprint: m.Fingerprint, Message: &m}
	return []server.Effect{e, {Kind: server.Report, Event: asked}}
}

func storedKept(e server.Effect) []server.Effect {
	if e.Kind != server.Publish || !strings.HasPrefix(e.Message.To.Value(), controlapi.OfflinePrefix) {
		return unchanged(e)
	}
	return []server.Effect{{Kind: server.Send, Session: e.Session, Message: wire.NewReceived(e.Message)}}
}

func publishedUnacknowledged() effectChange {
	published := map[wire.Text]bool{}
	return func(e server.Effect) []server.Effect {
		if e.Kind == server.Publish {
			published[e.Message.Fingerprint] = true
		} else if sends(e, wire.TypeReceived) && published[e.Message.DataContent] {
			return nil
		}
		return unchanged(e)
	}
}

// copyPublished publishes a message once more with each ACK of it but the first.
func copyPublished() effectChange {
	published, acknowledged := map[wire.Text]wire.Message{}, map[wire.Text]bool{}
	return func(e server.Effect) []server.Effect {
		if e.Kind == server.Publish {
			published[e.Message.Fingerprint] = e.Message.Clone()
		}
		if m, ok := published[e.Message.DataContent]; ok && sends(e, wire.TypeReceived) {
			if acknowledged[e.Message.DataContent] {
				return []server.Effect{e, publication(m)}
			}
			acknowledged[e.Message.DataContent.Clone()] = true
		}
		return unchanged(e)
	}
}

func publishedOnce() effectChange {
	published := map[wire.Text]bool{}
	return onPublish(func(m wire.Message) []wire.Message {
		if fp := m.Fingerprint.Clone(); fp.Present() {
			if published[fp] {
				return nil
			}
			published[fp] = true
		}
		return []wire.Message{m}
	})
}

func receiptPublished() effectChange {
	carried := map[wire.Text]wire.Message{}
	return func(e server.Effect) []server.Effect {
		if sends(e, wire.TypeData) && e.Message.Bridge {
			carried[e.Message.Fingerprint.Clone()] = e.Message.Clone()
		}
		if m, ok := carried[e.Event.Fingerprint]; ok && reports(e, server.EventReceived) {
			return []server.Effect{e, publication(wire.NewReceived(m))}
		}
		return unchanged(e)
	}
}

func carriedOnce() effectChange {
	once := afterFirst(ofMessage, dropped)()
	return onCarried(once)
}
