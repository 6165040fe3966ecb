package control

import (
	"math"
	"strings"
	"testing"
	"time"

	"imcheck/harness/wire"
	"imcheck/reference-server/rules"
)

// TestLogForgetsByBytes holds that large messages push older events out long
// before their number does, and that the newest is kept whatever its size.
func TestLogForgetsByBytes(t *testing.T) {
	log := NewLog()
	large := wire.NewData("a", "b", strings.Repeat("x", MaxEventBytes/4))
	for range 10 {
		log.Add(time.Unix(0, 0), rules.Event{Kind: rules.EventC2C, Message: &large})
	}
	events, _ := log.since(0, math.MaxInt)
	if len(events) != 4 || events[0].seq != 7 || events[3].seq != 10 {
		t.Errorf("%d events are kept, from %d on", len(events), events[0].seq)
	}
	huge := wire.NewData("a", "b", strings.Repeat("x", 2*MaxEventBytes))
	log.Add(time.Unix(0, 0), rules.Event{Kind: rules.EventC2C, Message: &huge})
	if events, _ := log.since(0, math.MaxInt); len(events) != 1 || events[0].seq != 11 {
		t.Errorf("%d events are kept, from %d on", len(events), events[0].seq)
	}
	if events, _ := log.since(math.MaxUint64, math.MaxInt); len(events) != 0 {
		t.Errorf("%d events after the last one", len(events))
	}
}
