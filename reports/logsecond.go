package reports

import (
	"errors"
	"io"
	"math"
	"time"
)

// SecondLog is the log of one run, read up to its next interval, to be read
// second by second beside others.
type SecondLog struct {
	*LogReader
	Head   Interval // that comes next
	Second int64    // of the head
	Over   bool     // there is no head any more
}

// Advance reads the next interval, and in which second of the clock it is.
func (l *SecondLog) Advance(c Clock) (err error) {
	l.Head, err = l.Next()
	if errors.Is(err, io.EOF) {
		l.Over = true
		return nil
	}
	l.Second = c.Second(l.Head.Start, l.Head.End)
	return err
}

// SoonestSecond is the first second that any of the logs has next; any is false
// when all of them are over.
func SoonestSecond(logs []*SecondLog) (second int64, any bool) {
	for _, l := range logs {
		if !l.Over && (!any || l.Second < second) {
			second, any = l.Second, true
		}
	}
	return second, any
}

// Clock numbers the seconds of a run. Shards that have begun at the same time end
// their seconds almost together; a second is where its middle lies.
type Clock struct {
	Origin time.Time // when the run began
}

// Second is the number of the second in which the middle of a time lies, from 0 on.
func (c Clock) Second(start, end time.Time) int64 {
	middle := start.Add(end.Sub(start) / 2)
	return max(0, int64(math.Floor(middle.Sub(c.Origin).Seconds())))
}
