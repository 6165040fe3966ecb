package target

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"imcheck/harness/transport"
)

// ResidentMetric is the name by which Prometheus knows the resident size of a process, as
// its client libraries for servers of all languages have it.
const ResidentMetric = "process_resident_memory_bytes"

// maxMetrics bounds how many bytes of a page of metrics are read.
const maxMetrics = 8 << 20

// CheckMetrics refuses an address that is not that of a page of metrics.
func CheckMetrics(address string) error {
	u, err := url.Parse(address)
	if err == nil && (u.Scheme != "http" || u.Host == "") {
		err = fmt.Errorf("%q is not the address of a page of metrics", address)
	}
	if err != nil {
		return fmt.Errorf("%w: write it as http://host:port/metrics", err)
	}
	return nil
}

// ResidentBytes reads the resident size of a server in bytes from the page where it serves
// its metrics to Prometheus. It takes no longer than CallTimeout.
func ResidentBytes(ctx context.Context, network transport.Network, address string) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, fmt.Errorf("read metrics: %w", err)
	}
	client := &http.Client{
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
				return network.DialStream(ctx, address)
			},
			DisableKeepAlives:      true,
			DisableCompression:     true,
			MaxResponseHeaderBytes: maxHead,
		},
		// A server under test does not choose whom a tester calls.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.Do(request)
	if err != nil {
		return 0, fmt.Errorf("read metrics: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("read metrics of %s: it answers %q", address, sanitize(answer.Status, maxNameText))
	}
	n, err := residentMetric(io.LimitReader(answer.Body, maxMetrics))
	if err != nil {
		return 0, fmt.Errorf("read metrics of %s: %w", address, err)
	}
	return n, nil
}

// residentMetric finds the resident size in the text format of Prometheus.
func residentMetric(page io.Reader) (int64, error) {
	lines := bufio.NewScanner(page)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		value, found := strings.CutPrefix(lines.Text(), ResidentMetric)
		fields := strings.Fields(value)
		if !found || len(fields) == 0 || !strings.ContainsAny(value[:1], " \t{") {
			continue
		}
		if strings.HasPrefix(value, "{") {
			_, value, _ = strings.Cut(value, "}")
			if fields = strings.Fields(value); len(fields) == 0 {
				continue
			}
		}
		n, err := strconv.ParseFloat(fields[0], 64)
		if err != nil || !(n >= 0 && n < math.MaxInt64) {
			return 0, fmt.Errorf("the value of %s is %q", ResidentMetric, sanitize(fields[0], maxNameText))
		}
		return int64(n), nil
	}
	if err := lines.Err(); err != nil {
		return 0, err
	}
	return 0, fmt.Errorf("it has no %s", ResidentMetric)
}
