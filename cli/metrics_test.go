package cli

import (
	"context"
	"maps"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"imcheck/loadgen/books"
	"imcheck/loadgen/swarm"
	"imcheck/reports"
)

// asked returns what is served to who accepts a type.
func (m *metricsServer) asked(t *testing.T, accept string) string {
	t.Helper()
	request := httptest.NewRequest("GET", "/metrics", nil)
	request.Header.Set("Accept", accept)
	answer := httptest.NewRecorder()
	m.handler().ServeHTTP(answer, request)
	if answer.Code != 200 {
		t.Fatalf("status %d: %s", answer.Code, answer.Body)
	}
	return answer.Body.String()
}

// aSnapshot is the state of a load.
func aSnapshot() swarm.Snapshot {
	return swarm.Snapshot{
		Phase: swarm.PhaseSteady, Elapsed: 12500 * time.Millisecond, Clients: 60,
		Second: reports.Sample{P50Us: 1500, P99Us: 25_000},
		Total:  reports.Sample{Online: 59, LoggedIn: 61, Sent: 2000, Delivered: 900, Errors: 3},
		Errors: [books.ErrorCauses]int64{books.SessionLost: 2, books.MessageLost: 1},
		Lost:   map[string]int64{"connection reset": 2},
	}
}

// addInterval adds times to a log, as an interval of a series.
func addInterval(t *testing.T, log books.IntervalLog, s reports.Series, times ...time.Duration) {
	t.Helper()
	h := reports.NewHistogram()
	for _, d := range times {
		reports.Record(h, d)
	}
	if err := log.Add(s, time.Unix(0, 0), time.Unix(1, 0), h); err != nil {
		t.Fatal(err)
	}
}

func TestMetrics(t *testing.T) {
	var m metricsServer
	if got := m.asked(t, ""); strings.Contains(got, "imcheck") {
		t.Errorf("before the first second there is\n%s", got)
	}
	m.histograms.Start(time.Unix(0, 0))
	login := reports.Series{Kind: reports.KindLogin, Transport: "tcp", From: reports.FromDue}
	addInterval(t, &m.histograms, login, 0, 100*time.Microsecond, 2*time.Millisecond)
	addInterval(t, &m.histograms, login, 2*time.Millisecond, 50*time.Second, 2*time.Minute)
	addInterval(t, &m.histograms, reports.Series{Kind: reports.SeriesTimeline}, time.Millisecond)
	m.show(aSnapshot())
	got := m.asked(t, "")
	for _, line := range []string{
		"# TYPE imcheck_load_messages_sent_total counter",
		"imcheck_load_clients 60",
		"imcheck_load_clients_online 59",
		"imcheck_load_elapsed_seconds 12.5",
		"imcheck_load_logins_total 61",
		"imcheck_load_messages_sent_total 2000",
		"imcheck_load_messages_delivered_total 900",
		`imcheck_load_errors_total{cause="session lost"} 2`,
		`imcheck_load_errors_total{cause="message lost"} 1`,
		`imcheck_load_errors_total{cause="send too late"} 0`,
		`imcheck_load_sessions_lost_total{cause="connection reset"} 2`,
		`imcheck_load_sessions_lost_total{cause="login refused"} 0`,
		`imcheck_load_stage{stage="steady"} 1`,
		`imcheck_load_stage{stage="warm-up"} 0`,
		"# TYPE imcheck_load_delivery_seconds summary",
		`imcheck_load_delivery_seconds{quantile="0.5"} 0.0015`,
		`imcheck_load_delivery_seconds{quantile="0.99"} 0.025`,
		"imcheck_load_delivery_seconds_count 1",
		"# TYPE imcheck_load_latency_seconds histogram",
		`imcheck_load_latency_seconds_bucket{from="due",kind="login",transport="tcp",le="0.0001"} 2`,
		`imcheck_load_latency_seconds_bucket{from="due",kind="login",transport="tcp",le="0.001"} 2`,
		`imcheck_load_latency_seconds_bucket{from="due",kind="login",transport="tcp",le="0.0025"} 4`,
		`imcheck_load_latency_seconds_bucket{from="due",kind="login",transport="tcp",le="60"} 6`,
		`imcheck_load_latency_seconds_bucket{from="due",kind="login",transport="tcp",le="+Inf"} 6`,
		`imcheck_load_latency_seconds_count{from="due",kind="login",transport="tcp"} 6`,
		"imcheck_load_lateness_seconds_count 0",
		`imcheck_load_lateness_seconds_bucket{le="0.001"} 0`,
	} {
		if !strings.Contains(got, line+"\n") {
			t.Errorf("there is no line %s in\n%s", line, got)
		}
	}
}

// A native histogram has each value between the bounds of its bucket, and the classic
// buckets beside them.
func TestNativeHistogram(t *testing.T) {
	h := newMetricHistogram()
	values := reports.NewHistogram()
	times := []time.Duration{0, time.Microsecond, time.Millisecond, time.Second, 5 * time.Second}
	for _, d := range times {
		reports.Record(values, d)
	}
	h.add(values)
	var out dto.Metric
	if err := h.metric(prometheus.NewDesc("x", "A histogram.", nil, nil), time.Unix(7, 0)).Write(&out); err != nil {
		t.Fatal(err)
	}
	native := out.Histogram
	if native.GetSchema() != nativeSchema || native.GetZeroCount() != 1 || native.GetSampleCount() != 5 || native.GetCreatedTimestamp().GetSeconds() != 7 || len(native.Bucket) != len(classicBounds) {
		t.Errorf("the histogram is %v", native)
	}
	// 2^(i/8) for the index of each value but 0: 1 is itself a bound.
	want := map[int]int64{-159: 1, -79: 1, 0: 1, 19: 1}
	if !maps.Equal(h.native, want) {
		t.Errorf("the buckets have %v, want %v", h.native, want)
	}
}

// The end of a run is served for so long, unless somebody does not want to wait; without
// a run, or without having been asked, there is no wait.
func TestAwaitScrapes(t *testing.T) {
	for _, test := range []struct {
		name        string
		linger      time.Duration
		ran         bool
		cancelAfter time.Duration
		want        time.Duration
		interrupted bool
	}{
		{"all of it", time.Minute, true, time.Hour, time.Minute, false},
		{"cut short", time.Minute, true, time.Second, time.Second, false},
		{"not asked for", 0, true, time.Hour, 0, false},
		{"no run", time.Minute, false, time.Hour, 0, false},
		{"interrupted run", time.Minute, true, 0, 0, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := metricsServer{linger: test.linger}
				if test.ran {
					m.show(aSnapshot())
				}
				ctx, cancel := context.WithTimeout(t.Context(), test.cancelAfter)
				defer cancel()
				if test.interrupted {
					cancel()
				}
				began, noted := time.Now(), 0
				m.awaitScrapes(ctx, func(string, ...any) { noted++ })
				if took := time.Since(began); took != test.want || (noted == 1) != (test.want > 0) {
					t.Errorf("it took %v, %d notes; want %v", took, noted, test.want)
				}
			})
		})
	}
}

func TestMetricsRefuseAnAddress(t *testing.T) {
	m := metricsServer{address: "127.0.0.1:0"}
	bound, err := m.listen()
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	for _, address := range []string{bound, "nowhere", "127.0.0.1:99999"} {
		second := metricsServer{address: address}
		if _, err := second.listen(); err == nil || !strings.HasPrefix(err.Error(), "--metrics: ") {
			t.Errorf("%s: got %v", address, err)
		}
		second.close()
	}
}
