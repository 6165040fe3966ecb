package usage

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestProcess(t *testing.T) {
	if runtime.GOOS != "linux" {
		if _, err := Process(os.Getpid()); err == nil || !strings.Contains(err.Error(), "metrics") {
			t.Errorf("the error is %v, want one that names the other way", err)
		}
		return
	}
	source, err := Process(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	reading, err := source.Read(t.Context())
	if err != nil || reading.CPU < 0 || reading.Resident < 1<<20 || reading.OpenFiles < 3 || reading.GCs != Unknown || reading.At.IsZero() {
		t.Errorf("this process: %+v, %v", reading, err)
	}
	if want := fmt.Sprintf("process %d", os.Getpid()); source.String() != want {
		t.Errorf("it is %s, want %s", source, want)
	}
	if _, err := Process(1<<31 - 1); err == nil || !strings.Contains(err.Error(), "there is no process 2147483647") {
		t.Errorf("nobody's number: %v", err)
	}
}

// The metrics are those of the client libraries of Prometheus for Go and Java, and of
// Micrometer.
func TestMetrics(t *testing.T) {
	none := Reading{CPU: Unknown, Resident: Unknown, OpenFiles: Unknown, GCs: Unknown, GCTime: Unknown}
	tests := map[string]struct {
		page string
		want Reading
		err  string
	}{
		"Go": {"process_cpu_seconds_total 1.5\nprocess_resident_memory_bytes 4.711e+06\nprocess_open_fds 12\ngo_gc_duration_seconds{quantile=\"0\"} 1\ngo_gc_duration_seconds_sum 0.25\ngo_gc_duration_seconds_count 3\n",
			Reading{CPU: 1500 * time.Millisecond, Resident: 4_711_000, OpenFiles: 12, GCs: 3, GCTime: 250 * time.Millisecond}, ""},
		"Java": {"process_cpu_seconds_total 2\njvm_gc_collection_seconds_count{gc=\"G1 Young\"} 4\njvm_gc_collection_seconds_count{gc=\"G1 Old }\"} 1\njvm_gc_collection_seconds_sum{gc=\"G1 Young\"} 0.5\n",
			Reading{CPU: 2 * time.Second, Resident: Unknown, OpenFiles: Unknown, GCs: 5, GCTime: 500 * time.Millisecond}, ""},
		"Micrometer": {"process_cpu_time_ns_total 7.0E9\nprocess_files_open_files 33.0\njvm_gc_pause_seconds_count{action=\"x\",cause=\"y\"} 2\n",
			Reading{CPU: 7 * time.Second, Resident: Unknown, OpenFiles: 33, GCs: 2, GCTime: Unknown}, ""},
		"nothing of it": {"go_goroutines 5\n", none, "it says nothing about its process"},
		"no number":     {"process_open_fds many\n", none, `the value of process_open_fds is "many"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, test.page) }))
			defer server.Close()
			reading, err := Metrics(server.URL + "/metrics").Read(t.Context())
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Errorf("the error is %v, want %s", err, test.err)
				}
				return
			}
			if reading.At = (time.Time{}); err != nil || reading != test.want {
				t.Errorf("%+v, %v, want %+v", reading, err, test.want)
			}
		})
	}
}
