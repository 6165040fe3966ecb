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
	"slices"
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
	values, err := Metrics(ctx, network, address, ResidentMetric)
	if err != nil {
		return 0, err
	}
	value, found := values[ResidentMetric]
	if !found {
		return 0, fmt.Errorf("read metrics of %s: it has no %s", address, ResidentMetric)
	}
	return int64(value), nil
}

// Metrics reads the metrics of these names from a page in the text format of Prometheus,
// as far as it has them: numbers from 0 up to 2^63. Those of one name with several labels are
// added up. It takes no longer than CallTimeout.
func Metrics(ctx context.Context, network transport.Network, address string, names ...string) (map[string]float64, error) {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("read metrics: %w", err)
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
		return nil, fmt.Errorf("read metrics: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("read metrics of %s: it answers %q", address, sanitize(answer.Status, maxNameText))
	}
	values, err := metricsIn(io.LimitReader(answer.Body, maxMetrics), names)
	if err != nil {
		return nil, fmt.Errorf("read metrics of %s: %w", address, err)
	}
	return values, nil
}

// metricsIn finds metrics in the text format of Prometheus.
func metricsIn(page io.Reader, names []string) (map[string]float64, error) {
	values := map[string]float64{}
	lines := bufio.NewScanner(page)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		end := strings.IndexAny(lines.Text(), " \t{")
		if end < 0 || !slices.Contains(names, lines.Text()[:end]) {
			continue
		}
		name, rest := lines.Text()[:end], lines.Text()[end:]
		if labels := strings.LastIndexByte(rest, '}'); labels >= 0 { // a value of theirs may have one
			rest = rest[labels+1:]
		}
		fields := strings.Fields(rest)
		if len(fields) == 0 {
			continue
		}
		n, err := strconv.ParseFloat(fields[0], 64)
		if err != nil || !(n >= 0 && n < math.MaxInt64) {
			return nil, fmt.Errorf("the value of %s is %q", name, sanitize(fields[0], maxNameText))
		}
		values[name] += n
	}
	return values, lines.Err()
}
