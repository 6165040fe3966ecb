package variants

import (
	"imcheck/protocol/server"
	"imcheck/reference-server/gateway"
)

// answerVariants are late with what a session is sent on account of its own
// messages.
func answerVariants() []Variant {
	return []Variant{
		{Name: "answers-late", Freedom: noTimeSet, Does: "answers 800 ms late",
			Timing: func(t *gateway.Timing) { delay(&t.Answers, constant(veryLate)) }},
		{Name: "answers-uneven", Freedom: noTimeSet, Does: "answers up to 800 ms late, in order",
			Timing: func(t *gateway.Timing) { delay(&t.Answers, upTo(veryLate)) }},
	}
}

// deliveryVariants put data and its ACKs in another order than ours.
func deliveryVariants() []Variant {
	return []Variant{
		{Name: "deliveries-late", Freedom: noTimeSet, Does: "passes data on 800 ms late",
			Policy: func(c *server.Config) { delay(&c.Policy.Deliveries, constant(veryLate)) }},
		{Name: "deliveries-uneven", Freedom: noTimeSet, Does: "passes data on up to 800 ms late, to each receiver in order",
			Policy: func(c *server.Config) { delay(&c.Policy.Deliveries, upTo(veryLate)) }},
		{Name: "ack-before-delivery", Freedom: ackApart, Does: "acknowledges a message between clients 500 ms before it is delivered",
			Policy: func(c *server.Config) { delay(&c.Policy.Deliveries, constant(halfLate)) }},
		{Name: "ack-after-delivery", Freedom: ackApart, Does: "acknowledges a message between clients 800 ms after it was delivered",
			Timing: func(t *gateway.Timing) { delay(&t.ACKs, constant(veryLate)) }},
		{Name: "ack-uneven", Freedom: ackApart, Does: "acknowledges messages between clients up to 800 ms late, in order",
			Timing: func(t *gateway.Timing) { delay(&t.ACKs, upTo(veryLate)) }},
	}
}

// eventVariants tell the application at another time than ours.
func eventVariants() []Variant {
	return []Variant{
		{Name: "events-late", Freedom: eventsApart, Does: "tells the application 800 ms late",
			Timing: func(t *gateway.Timing) { delay(&t.Events, constant(veryLate)) }},
		{Name: "events-uneven", Freedom: eventsApart, Does: "tells the application up to 800 ms late; events of different users change places",
			Timing: func(t *gateway.Timing) { delay(&t.Events, upTo(veryLate)) }},
		{Name: "events-early", Freedom: eventsApart, Does: "tells the application 300 ms before it writes anything",
			Timing: func(t *gateway.Timing) {
				delay(&t.Answers, constant(aLittle))
				delay(&t.ACKs, constant(aLittle))
			},
			Policy: func(c *server.Config) { delay(&c.Policy.Deliveries, constant(aLittle)) }},
		{Name: "events-in-bursts", Freedom: eventsApart, Does: "tells the application every 500 ms what happened since",
			Timing: func(t *gateway.Timing) { t.EventBursts = burstEvery }},
	}
}

// closingVariants take their time to close.
func closingVariants() []Variant {
	return []Variant{
		{Name: "kick-and-close-apart", Freedom: closesAsItCan, Does: "closes a stream 800 ms after its kick-out",
			Timing: func(t *gateway.Timing) { delay(&t.KickCloses, constant(veryLate)) }},
		{Name: "close-late", Freedom: closesAsItCan, Does: "closes a stream 800 ms late, but for one that expired",
			Timing: func(t *gateway.Timing) { delay(&t.Closes, constant(veryLate)) }},
	}
}
