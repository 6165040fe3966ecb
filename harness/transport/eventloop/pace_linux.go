package eventloop

import "time"

// Waking up for a single message costs more than handling it. When messages
// come fast a loop lets some gather first, for a time that is short against any
// latency that a network adds; when they come slowly it handles each at once.
const (
	// gatherTime is how long messages may gather.
	gatherTime = 200 * time.Microsecond
	// gatherWorth is how many have to be expected in that time for it to be
	// worth while.
	gatherWorth = 6
)

// pace estimates how fast messages come.
type pace struct {
	turn    time.Time // of the last look
	perTime float64   // events expected in gatherTime
}

// note takes down that a turn found so many events.
func (p *pace) note(now time.Time, events int) {
	elapsed := now.Sub(p.turn)
	p.turn = now
	if elapsed <= 0 {
		return
	}
	// The weight of a turn is its share of the time that is looked back on.
	const lookBack = 10 * gatherTime
	weight := min(1, float64(elapsed)/float64(lookBack))
	expected := float64(events) * float64(gatherTime) / float64(elapsed)
	p.perTime += weight * (expected - p.perTime)
}

// pause is how long to let messages gather, when the next thing is due after
// limit; a negative limit is none.
func (p *pace) pause(limit time.Duration) time.Duration {
	if p.perTime < gatherWorth || limit >= 0 && limit < gatherTime {
		return 0
	}
	return gatherTime
}
