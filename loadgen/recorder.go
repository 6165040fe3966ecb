package loadgen

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/harness/wire"
	"imcheck/reports"
)

// kind is what a latency is the latency of.
type kind uint8

// Kinds.
const (
	login       kind = iota // until the login response
	heartbeat               // until the keep-alive response
	c2sACK                  // until a message to the server is acknowledged
	c2cACK                  // until a message to a client is acknowledged
	c2cDelivery             // until a message to a client has arrived there
	kinds       = 5
)

var kindNames = [kinds]string{"login", "heartbeat", "c2s_ack", "c2c_ack", "c2c_delivery"}

// origins are the two times from which a latency is counted.
var origins = [...]string{reports.FromDue, reports.FromSend}

// Range and resolution of every histogram: a microsecond to a minute with
// three digits. What is longer counts as a minute.
const (
	longest = time.Minute
	digits  = 3
)

func newHistogram() *hdrhistogram.Histogram {
	return hdrhistogram.New(1, longest.Microseconds(), digits)
}

// record counts one time. It allocates nothing.
func record(h *hdrhistogram.Histogram, d time.Duration) {
	_ = h.RecordValue(min(max(d, 0), longest).Microseconds()) // in range, so it cannot fail
}

// recorder has the histograms of one worker, or of all of them together. There
// is none for a single client, so its size does not depend on their number.
// What a worker has recorded is taken away meanwhile, see exchange.
type recorder struct {
	mu       sync.Mutex
	latency  [kinds][len(wire.Transports)][len(origins)]*hdrhistogram.Histogram // nil on transports that are not used
	lateness *hdrhistogram.Histogram                                            // of the generator's own sends
}

func newRecorder(transports []wire.Transport) *recorder {
	r := &recorder{lateness: newHistogram()}
	for k := range r.latency {
		for _, t := range transports {
			for o := range origins {
				r.latency[k][t][o] = newHistogram()
			}
		}
	}
	return r
}

// record counts one latency from either origin.
func (r *recorder) record(k kind, t wire.Transport, sinceDue, sinceSend time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	record(r.latency[k][t][0], sinceDue)
	record(r.latency[k][t][1], sinceSend)
}

// recordLateness counts how late one of the generator's own sends was.
func (r *recorder) recordLateness(late time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	record(r.lateness, late)
}

// exchange takes what was recorded away, into an empty recorder for the same
// transports, and leaves nothing in its place.
func (r *recorder) exchange(empty *recorder) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.latency, empty.latency = empty.latency, r.latency
	r.lateness, empty.lateness = empty.lateness, r.lateness
}

// merge adds what another recorder for the same transports has.
func (r *recorder) merge(other *recorder) {
	r.lateness.Merge(other.lateness)
	for k := range r.latency {
		for t := range r.latency[k] {
			for o, h := range r.latency[k][t] {
				if h != nil {
					h.Merge(other.latency[k][t][o])
				}
			}
		}
	}
}

// report lists every latency that was measured: each transport, then their sum.
func (r *recorder) report() ([]reports.Latency, error) {
	var list []reports.Latency
	for k := range r.latency {
		for o, origin := range origins {
			sum := newHistogram()
			for _, t := range wire.Transports {
				h := r.latency[k][t][o]
				if h == nil || h.TotalCount() == 0 {
					continue
				}
				sum.Merge(h)
				row, err := reports.NewLatency(series(kind(k), t, o), h)
				if err != nil {
					return nil, err
				}
				list = append(list, row)
			}
			if sum.TotalCount() == 0 {
				continue
			}
			row, err := reports.NewLatency(reports.Series{Kind: kindNames[k], Transport: reports.AllTransports, From: origin}, sum)
			if err != nil {
				return nil, err
			}
			list = append(list, row)
		}
	}
	return list, nil
}

// series names what a histogram is of.
func series(k kind, t wire.Transport, origin int) reports.Series {
	return reports.Series{Kind: kindNames[k], Transport: t.String(), From: origins[origin]}
}
