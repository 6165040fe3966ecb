package loadgen

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/protocol/wire"
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
	s2cDelivery             // until a message of the server has arrived
	s2cCall                 // until the control API has answered a push
	echoReply               // until an echo was answered
	relogin                 // until a client that a scenario sent away is logged in again
	kinds       = 9
)

var kindNames = [kinds]string{
	reports.KindLogin, reports.KindHeartbeat, reports.KindC2SAck, reports.KindC2CAck, reports.KindC2CDelivery,
	reports.KindS2CDelivery, reports.KindS2CCall, reports.KindEcho, reports.KindRelogin,
}

// origins are the two times from which a latency is counted.
var origins = [...]string{reports.FromDue, reports.FromSend}

// recorder has the histograms of one worker, or of all of them together. There
// is none for a single client, so its size does not depend on their number.
// Its owner records, others may look on, and what was recorded is taken away
// meanwhile, see exchange.
type recorder struct {
	mu       sync.Mutex
	latency  [kinds][len(wire.Transports)][len(origins)]*hdrhistogram.Histogram // nil on transports that are not used
	lateness *hdrhistogram.Histogram                                            // of the generator's own sends
}

func newRecorder(transports []wire.Transport) *recorder {
	r := &recorder{lateness: reports.NewHistogram()}
	for k := range c2cDelivery + 1 { // the others are for some scenarios only
		for _, t := range transports {
			for o := range origins {
				r.latency[k][t][o] = reports.NewHistogram()
			}
		}
	}
	return r
}

// record counts one latency from either origin.
func (r *recorder) record(k kind, t wire.Transport, sinceDue, sinceSend time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	reports.Record(r.histogram(k, t, 0), sinceDue)
	reports.Record(r.histogram(k, t, 1), sinceSend)
}

// recordReply counts a latency of a closed loop, in which nothing is due.
func (r *recorder) recordReply(k kind, t wire.Transport, sinceSend time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	reports.Record(r.histogram(k, t, 1), sinceSend)
}

// recordLateness counts how late one of the generator's own sends was.
func (r *recorder) recordLateness(late time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	reports.Record(r.lateness, late)
}

// exchange takes what was recorded away, into an empty recorder for the same
// transports, and leaves nothing in its place.
func (r *recorder) exchange(empty *recorder) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.latency, empty.latency = empty.latency, r.latency
	r.lateness, empty.lateness = empty.lateness, r.lateness
}

// exchangeLateness takes away how late sends were, and nothing else.
func (r *recorder) exchangeLateness(empty *recorder) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lateness, empty.lateness = empty.lateness, r.lateness
}

// histogram makes a histogram that is not there yet.
func (r *recorder) histogram(k kind, t wire.Transport, origin int) *hdrhistogram.Histogram {
	if r.latency[k][t][origin] == nil {
		r.latency[k][t][origin] = reports.NewHistogram()
	}
	return r.latency[k][t][origin]
}

// merge adds what another recorder has.
func (r *recorder) merge(other *recorder) {
	r.mergeLateness(other)
	for k := range kind(kinds) {
		r.mergeKind(other, k)
	}
}

func (r *recorder) mergeLateness(other *recorder) {
	other.mu.Lock()
	defer other.mu.Unlock()
	r.lateness.Merge(other.lateness)
}

// mergeKind adds what another recorder has of one kind.
func (r *recorder) mergeKind(other *recorder, k kind) {
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

// total is what was measured of one kind on one transport, or on all.
func (r *recorder) total(k kind, transport string, origin int) *hdrhistogram.Histogram {
	sum := reports.NewHistogram()
	for _, t := range wire.Transports {
		if h := r.latency[k][t][origin]; h != nil && (transport == reports.AllTransports || transport == t.String()) {
			sum.Merge(h)
		}
	}
	return sum
}

// report lists every latency that was measured: each transport, then their sum.
func (r *recorder) report() ([]reports.Latency, error) {
	var list []reports.Latency
	for k := range r.latency {
		for o, origin := range origins {
			sum := reports.NewHistogram()
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
