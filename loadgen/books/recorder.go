package books

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/protocol/wire"
	"imcheck/reports"
)

// Kind distinguishes the latencies that are measured.
type Kind uint8

// Kinds of latency.
const (
	Login       Kind = iota // until the login response
	Heartbeat               // until the keep-alive response
	C2SAck                  // until a message to the server is acknowledged
	C2CAck                  // until a message to a client is acknowledged
	C2CDelivery             // until a message to a client has arrived there
	S2CDelivery             // until a message of the server has arrived
	S2CCall                 // until the control API has answered a push
	EchoReply               // until an echo was answered
	Relogin                 // until a client that a scenario sent away is logged in again
	FanOut                  // until a message to a group has arrived at the last of its members
	Backlog                 // until a message that was stored for a client has arrived, since it came back
	Kinds       = 11
)

// KindNames are their names in reports.
var KindNames = [Kinds]reports.LatencyKind{
	reports.KindLogin, reports.KindHeartbeat, reports.KindC2SAck, reports.KindC2CAck, reports.KindC2CDelivery,
	reports.KindS2CDelivery, reports.KindS2CCall, reports.KindEcho, reports.KindRelogin, reports.KindFanOut, reports.KindBacklog,
}

// Origins are the two times from which a latency is counted.
var Origins = [...]string{reports.FromDue, reports.FromSend}

// Recorder has the histograms of one worker, or of all of them together. There
// is none for a single client, so its size does not depend on their number.
// Its owner records, others may look on, and what was recorded is taken away
// meanwhile, see exchange.
type Recorder struct {
	mu       sync.Mutex
	latency  [Kinds][len(wire.Transports)][len(Origins)]*hdrhistogram.Histogram // nil on transports that are not used
	Lateness *hdrhistogram.Histogram                                            // the generator's own sends
}

// NewRecorder returns an empty recorder for clients on these transports.
func NewRecorder(transports []wire.Transport) *Recorder {
	r := &Recorder{Lateness: reports.NewHistogram()}
	for k := range C2CDelivery + 1 { // the others are for some scenarios only
		for _, t := range transports {
			for o := range Origins {
				r.latency[k][t][o] = reports.NewHistogram()
			}
		}
	}
	return r
}

// Record counts one latency from either origin.
func (r *Recorder) Record(k Kind, t wire.Transport, sinceDue, sinceSend time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	reports.Record(r.histogram(k, t, 0), sinceDue)
	reports.Record(r.histogram(k, t, 1), sinceSend)
}

// RecordReply counts a latency of a closed loop, in which nothing is due.
func (r *Recorder) RecordReply(k Kind, t wire.Transport, sinceSend time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	reports.Record(r.histogram(k, t, 1), sinceSend)
}

// RecordLateness counts how late one of the generator's own sends was.
func (r *Recorder) RecordLateness(late time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	reports.Record(r.Lateness, late)
}

// exchange takes what was recorded away, into an empty recorder for the same
// transports, and leaves nothing in its place.
func (r *Recorder) exchange(empty *Recorder) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.latency, empty.latency = empty.latency, r.latency
	r.Lateness, empty.Lateness = empty.Lateness, r.Lateness
}

// exchangeLateness takes away how late sends were, and nothing else.
func (r *Recorder) exchangeLateness(empty *Recorder) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Lateness, empty.Lateness = empty.Lateness, r.Lateness
}

// histogram makes a histogram that is not there yet.
func (r *Recorder) histogram(k Kind, t wire.Transport, origin int) *hdrhistogram.Histogram {
	if r.latency[k][t][origin] == nil {
		r.latency[k][t][origin] = reports.NewHistogram()
	}
	return r.latency[k][t][origin]
}

// merge adds what another recorder has.
func (r *Recorder) merge(other *Recorder) {
	r.mergeLateness(other)
	for k := range Kind(Kinds) {
		r.mergeKind(other, k)
	}
}

// mergeLateness adds how late the sends of another recorder were.
func (r *Recorder) mergeLateness(other *Recorder) {
	other.mu.Lock()
	defer other.mu.Unlock()
	mergeAny(r.Lateness, other.Lateness)
}

// mergeKind adds what another recorder has of one kind.
func (r *Recorder) mergeKind(other *Recorder, k Kind) {
	other.mu.Lock()
	defer other.mu.Unlock()
	for _, t := range wire.Transports {
		for o, h := range other.latency[k][t] {
			if h != nil && h.TotalCount() > 0 {
				r.histogram(k, t, o).Merge(h)
			}
		}
	}
}

// Total returns what was measured of one kind on one transport, or on all.
func (r *Recorder) Total(k Kind, transport string, origin int) *hdrhistogram.Histogram {
	sum := reports.NewHistogram()
	for _, t := range wire.Transports {
		if h := r.latency[k][t][origin]; h != nil && (transport == reports.AllTransports || transport == t.String()) {
			sum.Merge(h)
		}
	}
	return sum
}

// Report lists every latency that was measured: each transport, then their sum.
func (r *Recorder) Report() ([]reports.Latency, error) {
	var list []reports.Latency
	for k := range r.latency {
		for o, origin := range Origins {
			sum := reports.NewHistogram()
			for _, t := range wire.Transports {
				h := r.latency[k][t][o]
				if h == nil || h.TotalCount() == 0 {
					continue
				}
				sum.Merge(h)
				row, err := reports.NewLatency(series(Kind(k), t, o), h)
				if err != nil {
					return nil, err
				}
				list = append(list, row)
			}
			if sum.TotalCount() == 0 {
				continue
			}
			row, err := reports.NewLatency(reports.Series{Kind: KindNames[k], Transport: reports.AllTransports, From: origin}, sum)
			if err != nil {
				return nil, err
			}
			list = append(list, row)
		}
	}
	return list, nil
}

// series names what a histogram is of.
func series(k Kind, t wire.Transport, origin int) reports.Series {
	return reports.Series{Kind: KindNames[k], Transport: t.String(), From: Origins[origin]}
}
