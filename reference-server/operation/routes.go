package operation

import (
	"io"
	"net/http"
	"net/http/pprof"

	"github.com/prometheus/client_golang/prometheus/collectors"

	"imcheck/harness/metrics"
)

// Paths on the control address.
const (
	PathAlive   = "/healthz"
	PathReady   = "/readyz"
	PathProfile = "/debug/pprof/"
)

// Routes returns the handlers of the paths that operators use, by pattern of http.ServeMux; those
// of pprof only when they are asked for.
func Routes(now func() State, profile bool) map[string]http.Handler {
	routes := map[string]http.Handler{
		"GET " + PathAlive:    says(func() (int, string) { return http.StatusOK, "alive\n" }),
		"GET " + PathReady:    says(readiness(now)),
		"GET " + metrics.Path: metrics.Handler(Metrics{now}, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})),
	}
	if profile {
		routes["GET "+PathProfile] = http.HandlerFunc(pprof.Index)
		routes["GET "+PathProfile+"cmdline"] = http.HandlerFunc(pprof.Cmdline)
		routes["GET "+PathProfile+"profile"] = http.HandlerFunc(pprof.Profile)
		routes["GET "+PathProfile+"symbol"] = http.HandlerFunc(pprof.Symbol)
		routes["GET "+PathProfile+"trace"] = http.HandlerFunc(pprof.Trace)
	}
	return routes
}

// readiness answers with 503 once the server lets nobody in any more.
func readiness(now func() State) func() (int, string) {
	return func() (int, string) {
		if !now().Ready {
			return http.StatusServiceUnavailable, "not ready: the server is stopping, or has not started yet\n"
		}
		return http.StatusOK, "ready\n"
	}
}

// says answers with a status and a text.
func says(what func() (int, string)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		status, text := what()
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text) // the caller may be gone
	})
}
