package cli

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"imcheck/loadgen/swarm"
	"imcheck/reports"
)

func TestMetrics(t *testing.T) {
	var m loadMetrics
	ask := func() string {
		answer := httptest.NewRecorder()
		m.handler().ServeHTTP(answer, httptest.NewRequest("GET", "/metrics", nil))
		if answer.Code != 200 {
			t.Fatalf("status %d: %s", answer.Code, answer.Body)
		}
		return answer.Body.String()
	}
	if got := ask(); strings.Contains(got, "imcheck") {
		t.Errorf("before the first second there is\n%s", got)
	}
	m.show(swarm.Snapshot{
		Phase: swarm.PhaseSteady, Elapsed: 12500 * time.Millisecond, Clients: 60,
		Second: reports.Sample{P50Us: 1500, P99Us: 25_000},
		Total:  reports.Sample{Online: 59, LoggedIn: 61, Sent: 2000, Delivered: 900, Errors: 3},
	})
	got := ask()
	for _, line := range []string{
		"# TYPE imcheck_load_messages_sent_total counter",
		"imcheck_load_clients 60",
		"imcheck_load_clients_online 59",
		"imcheck_load_elapsed_seconds 12.5",
		"imcheck_load_logins_total 61",
		"imcheck_load_messages_sent_total 2000",
		"imcheck_load_messages_delivered_total 900",
		"imcheck_load_errors_total 3",
		`imcheck_load_stage{stage="steady"} 1`,
		`imcheck_load_stage{stage="warm-up"} 0`,
		`imcheck_load_delivery_seconds{quantile="0.5"} 0.0015`,
		`imcheck_load_delivery_seconds{quantile="0.99"} 0.025`,
	} {
		if !strings.Contains(got, line+"\n") {
			t.Errorf("there is no line %s in\n%s", line, got)
		}
	}
}

func TestMetricsRefuseAnAddress(t *testing.T) {
	var m loadMetrics
	bound, err := m.listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	for _, address := range []string{bound, "nowhere", "127.0.0.1:99999"} {
		var second loadMetrics
		if _, err := second.listen(address); err == nil || !strings.HasPrefix(err.Error(), "--metrics: ") {
			t.Errorf("%s: got %v", address, err)
		}
		second.close()
	}
}
