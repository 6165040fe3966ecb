package variants

import (
	"imcheck/protocol/server"
	"imcheck/reference-server/gateway"
)

// answerVariants are late with answers to the messages of a session.
func answerVariants() []Variant {
	return []Variant{
		{Name: "answers-late", Freedom: noTimeSet, Does: "answers 800 ms late",
			Timing: func(t *gateway.Timing) { delay(&t.Answers, constant(veryLate)) }},
		{Name: "answers-uneven", Freedom: noTimeSet, Does: "answers up to 800 ms late, in order",
			Timing: func(t *gateway.Timing) { delay(&t.Answers, upTo(veryLate)) }},
	}
}

// deliveryVariants send data and its ACKs in other orders.
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

// eventVariants report events to the application at other times.
func eventVariants() []Variant {
	return []Variant{
		{Name: "events-late", Freedom: eventsApart, Does: "reports events 800 ms late",
			Timing: func(t *gateway.Timing) { delay(&t.Events, constant(veryLate)) }},
		{Name: "events-uneven", Freedom: eventsApart, Does: "reports events up to 800 ms late; those of different users change places",
			Timing: func(t *gateway.Timing) { delay(&t.Events, upTo(veryLate)) }},
		{Name: "events-early", Freedom: eventsApart, Does: "reports events 300 ms before it writes anything",
			Timing: func(t *gateway.Timing) {
				delay(&t.Answers, constant(aLittle))
				delay(&t.ACKs, constant(aLittle))
			},
			Policy: func(c *server.Config) { delay(&c.Policy.Deliveries, constant(aLittle)) }},
		{Name: "events-in-bursts", Freedom: eventsApart, Does: "reports every 500 ms what has happened since",
			Timing: func(t *gateway.Timing) { t.EventBursts = burstEvery }},
	}
}

// closingVariants close late.
func closingVariants() []Variant {
	return []Variant{
		{Name: "kick-and-close-apart", Freedom: closesAsItCan, Does: "closes a stream 800 ms after its kick-out",
			Timing: func(t *gateway.Timing) { delay(&t.KickCloses, constant(veryLate)) }},
		{Name: "close-late", Freedom: closesAsItCan, Does: "closes a stream 800 ms late, unless it expired",
			Timing: func(t *gateway.Timing) { delay(&t.Closes, constant(veryLate)) }},
	}
}
