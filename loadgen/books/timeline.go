package books

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/reports"
)

// maxSamples bounds the samples of a timeline: 25 hours of seconds, in some 15 MB.
const maxSamples = 25 * 3600

// sampleLengths are the lengths that the samples of a run can have.
var sampleLengths = [...]time.Duration{
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
}

// SampleLength returns how long the samples of the timeline of a run are that is to take so
// long: a second, or more in a run with so many seconds that its report would grow beyond
// use.
func SampleLength(planned time.Duration) time.Duration {
	for _, length := range sampleLengths {
		if planned <= maxSamples*length {
			return length
		}
	}
	return sampleLengths[len(sampleLengths)-1]
}

// Timeline gathers the seconds of a run into samples of one length. It is for use by one
// goroutine.
type Timeline struct {
	length  time.Duration
	samples []reports.Sample

	// What the sample that is under way has so far.
	seconds        int
	sum            reports.Sample
	delivery, late *hdrhistogram.Histogram
}

// NewTimeline returns a timeline whose samples have one of the lengths of SampleLength.
func NewTimeline(length time.Duration) *Timeline {
	return &Timeline{length: length, delivery: reports.NewHistogram(), late: reports.NewHistogram()}
}

// Add adds a second. The histograms are those of its deliveries and of its lateness, in
// microseconds, and belong to the caller again afterwards.
func (t *Timeline) Add(second reports.Sample, delivery, late *hdrhistogram.Histogram) {
	if t.length <= time.Second {
		t.samples = append(t.samples, second)
		return
	}
	t.gather(second)
	mergeAny(t.delivery, delivery)
	mergeAny(t.late, late)
	if t.isFull() {
		t.close()
	}
}

// gather adds the counts of a second to the sample that is under way. Of what is read, such
// as who is online, it has the last.
func (t *Timeline) gather(second reports.Sample) {
	sum := &t.sum
	t.seconds++
	sum.AtMs, sum.Online = second.AtMs, second.Online
	sum.Sent += second.Sent
	sum.Delivered += second.Delivered
	sum.Errors += second.Errors
	sum.Lost += second.Lost
	sum.LoggedIn += second.LoggedIn
	sum.GeneratorCPU += (second.GeneratorCPU - sum.GeneratorCPU) / float64(t.seconds)
	if second.Target == nil {
		return
	}
	target := *second.Target
	if before := sum.Target; before != nil {
		target.CPU = before.CPU + (target.CPU-before.CPU)/float64(t.seconds)
		target.GCMs += before.GCMs
	}
	sum.Target = &target
}

// isFull reports whether the sample that is under way has come to its end. Samples end at
// multiples of their length, so that those of shards go together.
func (t *Timeline) isFull() bool {
	const ticker = 500 // milliseconds by which a second may end early
	length := t.length.Milliseconds()
	began := int64(0)
	if n := len(t.samples); n > 0 {
		began = t.samples[n-1].AtMs
	}
	return (t.sum.AtMs+ticker)/length > (began+ticker)/length
}

// close ends the sample that is under way.
func (t *Timeline) close() {
	t.samples = append(t.samples, t.current())
	t.seconds, t.sum = 0, reports.Sample{}
	resetAny(t.delivery)
	resetAny(t.late)
}

// current returns the sample that is under way.
func (t *Timeline) current() reports.Sample {
	s := t.sum
	s.P50Us, s.P99Us = t.delivery.ValueAtPercentile(50), t.delivery.ValueAtPercentile(99)
	s.LateP99Us = t.late.ValueAtPercentile(99)
	return s
}

// Samples returns a copy of the samples so far, that which is under way included.
func (t *Timeline) Samples() []reports.Sample {
	samples := append(make([]reports.Sample, 0, len(t.samples)+1), t.samples...)
	if t.seconds > 0 {
		samples = append(samples, t.current())
	}
	return samples
}

// mergeAny adds a histogram that need not have any values, which is looked at first: to add
// nothing takes as long as to add much.
func mergeAny(sum, h *hdrhistogram.Histogram) {
	if h.TotalCount() > 0 {
		sum.Merge(h)
	}
}

func resetAny(h *hdrhistogram.Histogram) {
	if h.TotalCount() > 0 {
		h.Reset()
	}
}
