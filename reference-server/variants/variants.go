// Package variants has other ways in which a reference server can be healthy: each uses a
// freedom that the protocol leaves.
package variants

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"imcheck/harness/transport"
	"imcheck/protocol/server"
	"imcheck/protocol/wire"
	"imcheck/reference-server/behaviour"
	"imcheck/reference-server/gateway"
)

// Variant is a server that keeps the protocol and uses a freedom that it leaves
// (docs/protocol.md §7): a tester that takes it for a fault accuses a healthy
// server. Variants can be combined; their delays do not add up and stay below a
// second. Of the functions one is set, or two that belong together.
type Variant struct {
	Name    string
	Freedom string // choice that the protocol leaves open
	Does    string // choice of this server
	// Loses reports that datagrams may be lost, duplicated or reordered.
	Loses bool
	// FallsShort reports that it takes a choice that a SHOULD advises against, so that
	// cases of that level may warn.
	FallsShort bool

	// Policy changes the configuration of the rules: times and quirks.
	Policy func(*server.Config)
	// Timing changes when the server does what its rules decide.
	Timing func(*gateway.Timing)
	// Listener changes how the listeners of streams treat what RFC 6455 leaves to them.
	Listener func(*transport.Quirks)
	// Path changes what happens to datagrams on their way.
	Path func(*behaviour.Path)
	// Streams puts something around every stream of TCP and WebSocket. It is called once
	// for each server, with the seed of that server.
	Streams func(seed uint64) func(net.Conn) net.Conn
}

// Apply has a server behave as the variant does, besides what it does already.
func (v Variant) Apply(c *behaviour.Config) {
	if v.Policy != nil {
		v.Policy(&c.Config)
	}
	if v.Timing != nil {
		v.Timing(&c.Timing)
	}
	if v.Listener != nil {
		v.Listener(&c.Listening)
	}
	if v.Path != nil {
		v.Path(&c.Path)
	}
	if v.Streams != nil {
		wrap := v.Streams(c.Seed)
		c.WrapStreams(wire.TCP, wrap)
		c.WrapStreams(wire.WS, wrap)
	}
}

// Freedoms that several variants use.
const (
	noTimeSet      = "no time is set for an answer"
	ackApart       = "the ACK of a message between clients comes from another thread"
	eventsApart    = "events and the wire are not ordered"
	effectsLate    = "a response comes before its effect"
	closesAsItCan  = "a close takes its time, and is a FIN or a reset"
	streamsAsBytes = "streams are split and joined at any byte"
	udpLoses       = "UDP loses, duplicates and reorders"
	anywhereInTime = "the second copy comes 2 to 7 s after the first"
	violationsOpen = "a frame that RFC 6455 forbids closes the connection somehow"
	notChecked     = "from is not checked against the login"
)

// All lists every variant: those of timing first, then those of sessions, streams,
// datagrams and retransmission, and last the choices that a SHOULD or the lack of any
// rule leaves.
func All() []Variant {
	return slices.Concat(
		answerVariants(), deliveryVariants(), eventVariants(), closingVariants(), sessionVariants(),
		violationVariants(), streamVariants(), datagramVariants(), retransmissionVariants(), expiryVariants(),
		choiceVariants(), rareVariants(),
	)
}

// Find looks variants up by name. The error names the first that does not exist, and
// those with a similar name.
func Find(names []string) ([]Variant, error) {
	known := All()
	found := make([]Variant, 0, len(names))
	for _, name := range names {
		i := slices.IndexFunc(known, func(v Variant) bool { return v.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("unknown variant %q: %s", name, suggestion(name, known))
		}
		found = append(found, known[i])
	}
	return found, nil
}

// suggestion names variants that resemble a name that no variant has.
func suggestion(name string, known []Variant) string {
	var similar []string
	for _, v := range known {
		if first, _, _ := strings.Cut(name, "-"); len(first) > 2 && strings.Contains(v.Name, first) {
			similar = append(similar, v.Name)
		}
	}
	if len(similar) == 0 {
		return "--list-variants lists them all"
	}
	return fmt.Sprintf("did you mean %s? --list-variants lists them all", strings.Join(similar, ", "))
}

// Delays of variants. None is over a second, with late datagrams added as well.
const (
	veryLate   = 800 * time.Millisecond
	halfLate   = 500 * time.Millisecond
	aLittle    = 300 * time.Millisecond
	late       = 400 * time.Millisecond // twice this is still less than a second
	burstEvery = 500 * time.Millisecond
)

func constant(d time.Duration) server.Delay { return server.Delay{Min: d} }
func upTo(d time.Duration) server.Delay     { return server.Delay{Max: d} }

// delay raises a delay to at least another one.
func delay(d *server.Delay, by server.Delay) { *d = d.Larger(by) }
