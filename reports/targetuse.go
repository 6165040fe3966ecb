package reports

import "math"

// TargetUse describes what the process of the target used of its machine, as far as it could
// be read. Figures are of the part of the run that counts, where nothing else is said.
type TargetUse struct {
	Source   string `json:"source"`            // the process, or the URL of its metrics
	Readings int64  `json:"readings"`          // of the whole run
	Failed   int64  `json:"failed,omitempty"`  // readings that failed
	Failure  string `json:"failure,omitempty"` // the first reason

	MeasuredMs  int64   `json:"measuredMs,omitempty"`  // time from the first to the last reading that counts
	CPUSeconds  float64 `json:"cpuSeconds,omitempty"`  // during that time
	BeforeBytes int64   `json:"beforeBytes,omitempty"` // resident memory before the first client
	EndBytes    int64   `json:"endBytes,omitempty"`    // resident memory at the last reading that counts
	PeakBytes   int64   `json:"peakBytes,omitempty"`   // most resident memory of all readings
	OpenFiles   int64   `json:"openFiles,omitempty"`   // most of all readings
	GCs         int64   `json:"gcs,omitempty"`         // garbage collections
	GCMs        float64 `json:"gcMs,omitempty"`        // time for which they stopped the process
	GCKnown     bool    `json:"gcKnown,omitempty"`     // they could be read; false in files of older programs

	// CPUMicrosPerMessage is the CPU time for each message and keep-alive that a client sent;
	// what that caused, such as ACKs and deliveries, is included.
	CPUMicrosPerMessage float64 `json:"cpuMicrosPerMessage,omitempty"`
	// BytesPerSession is the growth of the resident memory from before the first client, for
	// each client that was online at most at once.
	BytesPerSession int64 `json:"bytesPerSession,omitempty"`
}

// Relate computes what the target used for each message and session of the load.
func (u *TargetUse) Relate(l *Load) {
	u.CPUMicrosPerMessage, u.BytesPerSession = 0, 0
	if sent := l.SentCount() + l.keepAlives(); sent > 0 && u.MeasuredMs > 0 && l.SteadyMs > 0 {
		perSecond := float64(sent) * 1000 / float64(l.SteadyMs)
		u.CPUMicrosPerMessage = u.Processors() * 1e6 / perSecond
	}
	if l.Sessions.PeakOnline > 0 && u.BeforeBytes > 0 {
		u.BytesPerSession = max(0, u.EndBytes-u.BeforeBytes) / l.Sessions.PeakOnline
	}
}

// keepAlives returns the number of keep-alives that were answered.
func (l *Load) keepAlives() int64 {
	for _, row := range l.Latencies {
		if row.Kind == KindHeartbeat && row.Transport == AllTransports && row.From == FromSend {
			return row.Count
		}
	}
	return 0
}

// Processors returns how many the target kept busy on average while it counts; 0 when it is
// not known.
func (u *TargetUse) Processors() float64 {
	if u.MeasuredMs == 0 {
		return 0
	}
	return u.CPUSeconds * 1000 / float64(u.MeasuredMs)
}

// OfTarget returns a function of samples: what is not a number where nothing was read of the
// target.
func OfTarget(value func(*TargetSample) float64) func(Sample) float64 {
	return func(s Sample) float64 {
		if s.Target == nil {
			return math.NaN()
		}
		return value(s.Target)
	}
}

// TargetSample is what the target used during one sample of a run.
type TargetSample struct {
	CPU       float64 `json:"cpu"`                 // processors that it kept busy, on average
	Resident  int64   `json:"resident,omitempty"`  // bytes; 0 when unknown
	OpenFiles int64   `json:"openFiles,omitempty"` // 0 when unknown
	GCMs      float64 `json:"gcMs,omitempty"`      // time for which garbage collections stopped it
}
