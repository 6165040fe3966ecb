package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"imcheck/harness/metrics"
)

// maxLinger bounds the time for which metrics are served after the end of a load, so that
// a job does not last until somebody notices.
const maxLinger = time.Hour

// metricsServer serves how a load goes to whoever asks for it: in the formats of
// Prometheus, as text, as OpenMetrics or, for native histograms, as protocol buffers.
type metricsServer struct {
	loadMetrics
	address string
	linger  time.Duration // for which it serves the end of the run
	server  *http.Server
}

// check refuses flags that say nothing, given whether there is one for linger.
func (m *metricsServer) check(lingers bool) error {
	switch {
	case lingers && m.address == "":
		return errors.New("--metrics-linger: it has an effect with --metrics only: say where to serve them")
	case lingers && (m.linger <= 0 || m.linger > maxLinger):
		return fmt.Errorf("--metrics-linger: %v is out of range: use more than 0s and at most %v", m.linger, maxLinger)
	}
	return nil
}

// handler serves the metrics at /metrics.
func (m *metricsServer) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+metrics.Path, metrics.Handler(&m.loadMetrics))
	return mux
}

// listen begins to serve and returns the address that it is bound to.
func (m *metricsServer) listen() (bound string, err error) {
	listener, err := net.Listen("tcp", m.address)
	if err != nil {
		return "", fmt.Errorf("--metrics: %w: write it as host:port, such as 127.0.0.1:9100, with a port that is free", err)
	}
	m.server = &http.Server{Handler: m.handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = m.server.Serve(listener) }() // until close
	return listener.Addr().String(), nil
}

// awaitScrapes goes on serving the end of a run, if there was one, for the time that was
// asked for, or until ctx is done.
func (m *metricsServer) awaitScrapes(ctx context.Context, note func(format string, args ...any)) {
	if m.linger == 0 || m.latest.Load() == nil || ctx.Err() != nil {
		return
	}
	note("metrics: the end of the run is served for %v more; Ctrl-C ends that", m.linger)
	enough := time.NewTimer(m.linger)
	defer enough.Stop()
	select {
	case <-enough.C:
	case <-ctx.Done():
	}
}

func (m *metricsServer) close() {
	if m.server != nil {
		_ = m.server.Close() // nobody is waited for
	}
}
