package target_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"imcheck/harness/target"
	"imcheck/harness/transport"
)

func TestResidentBytes(t *testing.T) {
	const name = target.ResidentMetric
	for page, want := range map[string]string{
		"# HELP " + name + " x\n" + name + " 4.711e+06\n":                    "4711000",
		name + "_max 1\n" + name + "{instance=\"a b\"} 4711 1700000000000\n": "4711",
		"go_goroutines 5\n":        "it has no " + name,
		name + "\n":                "it has no " + name,
		name + " NaN\n":            `is "NaN"`,
		name + " -1\n":             `is "-1"`,
		name + " much\n":           `is "much"`,
		strings.Repeat("x", 2<<20): "token too long",
		"status 302":               "302",
		"status 500":               "500",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			var status int
			if n, _ := fmt.Sscanf(page, "status %d", &status); n == 1 {
				w.Header().Set("Location", "http://127.0.0.1:1/")
				w.WriteHeader(status)
				return
			}
			fmt.Fprint(w, page)
		}))
		n, err := target.ResidentBytes(t.Context(), transport.OS{}, server.URL+"/metrics")
		server.Close()
		if got := fmt.Sprint(n, " ", err); !strings.Contains(got, want) {
			t.Errorf("%.60q: %s, want %s", page, got, want)
		}
	}
}

func TestCheckMetrics(t *testing.T) {
	for address, good := range map[string]bool{
		"http://127.0.0.1:9100/metrics": true, "http://[::1]:9100": true, "127.0.0.1:9100": false, "https://x/metrics": false, "http:///metrics": false, "http://a b/": false, "": false,
	} {
		if err := target.CheckMetrics(address); (err == nil) != good {
			t.Errorf("%q: %v", address, err)
		}
	}
}
