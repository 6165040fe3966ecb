package plan

import "time"

// Outage is a time in which nothing passes between the clients and the target, made by the
// load generator itself; since the start of the run. The zero value is none.
type Outage struct{ From, To time.Duration }

// Any reports whether there is an outage at all.
func (o Outage) Any() bool { return o.To > o.From }

// During reports whether nothing passes at a time.
func (o Outage) During(at time.Duration) bool { return at >= o.From && at < o.To }

// Meets reports whether nothing passed at some time from one to another.
func (o Outage) Meets(from, to time.Duration) bool { return o.Any() && from < o.To && to >= o.From }
