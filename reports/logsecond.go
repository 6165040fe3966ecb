package reports

import (
	"cmp"
	"errors"
	"io"
	"math"
	"time"
)

// SecondLog reads the log of one run second by second, beside those of others.
type SecondLog struct {
	*LogReader
	Head   Interval // the next one
	Second int64    // second of the head
	Over   bool     // no head is left
}

// Advance reads the next interval and determines its second by the clock.
func (l *SecondLog) Advance(c Clock) (err error) {
	l.Head, err = l.Next()
	if errors.Is(err, io.EOF) {
		l.Over = true
		return nil
	}
	l.Second = c.Second(l.Head.Start, l.Head.End)
	return err
}

// SoonestSecond returns the first second that any of the logs has next; found is false
// when all of them are over.
func SoonestSecond(logs []*SecondLog) (second int64, found bool) {
	for _, l := range logs {
		if !l.Over && (!found || l.Second < second) {
			second, found = l.Second, true
		}
	}
	return second, found
}

// Clock numbers the seconds of a run, or the samples of one that has longer ones. Shards that
// have begun at the same time end their seconds almost together; a second is numbered by its
// middle.
type Clock struct {
	Origin time.Time     // time at which the run began
	Length time.Duration // of a sample; 0 for a second
}

// ClockOf returns the clock of a load, which counts from a time.
func ClockOf(l *Load, origin time.Time) Clock { return Clock{Origin: origin, Length: l.SampleLength()} }

// SampleLength returns the length of a sample of the timeline, and of an interval of the
// histogram logs.
func (l *Load) SampleLength() time.Duration {
	if l.SampleMs <= 0 {
		return time.Second
	}
	return time.Duration(l.SampleMs) * time.Millisecond
}

// Second returns the number, from 0 on, of the second that contains the middle of an
// interval.
func (c Clock) Second(start, end time.Time) int64 {
	middle := start.Add(end.Sub(start) / 2)
	length := cmp.Or(c.Length, time.Second)
	return max(0, int64(math.Floor(float64(middle.Sub(c.Origin))/float64(length))))
}
