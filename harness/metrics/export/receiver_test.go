package export

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/snappy"
	"github.com/prometheus/client_golang/exp/api/remote"
	writev2 "github.com/prometheus/client_golang/exp/api/remote/genproto/v2"
	"github.com/prometheus/client_golang/prometheus"
	collectorpb "go.opentelemetry.io/proto/slim/otlp/collector/metrics/v1"
	"google.golang.org/protobuf/proto"
)

// figuresOf is a source whose only metric counts the calls.
type figuresOf struct {
	collectors []prometheus.Collector
	began      time.Time
}

func (s figuresOf) Describe(into chan<- *prometheus.Desc) {
	for _, c := range s.collectors {
		c.Describe(into)
	}
}

func (s figuresOf) Collect(into chan<- prometheus.Metric) {
	for _, c := range s.collectors {
		c.Collect(into)
	}
}

func (s figuresOf) Began() time.Time { return s.began }

// received is a request that a receiver has got, decompressed.
type received struct {
	after  time.Duration // since the receiver began
	header http.Header
	body   []byte
}

// receiver is a network with one receiver, which answers as it is told.
type receiver struct {
	began  time.Time
	answer func(ctx context.Context, n int, r received) (*http.Response, error)

	mu  sync.Mutex
	got []received
}

func newReceiver(answer func(ctx context.Context, n int, r received) (*http.Response, error)) *receiver {
	return &receiver{began: time.Now(), answer: answer}
}

// RoundTrip implements http.RoundTripper.
func (r *receiver) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	switch request.Header.Get("Content-Encoding") {
	case "gzip":
		unzipped, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		if body, err = io.ReadAll(unzipped); err != nil {
			return nil, err
		}
	case "snappy":
		if body, err = snappy.Decode(nil, body); err != nil {
			return nil, err
		}
	default:
		return nil, errors.New("not compressed")
	}
	one := received{time.Since(r.began), request.Header, body}
	r.mu.Lock()
	r.got = append(r.got, one)
	n := len(r.got)
	r.mu.Unlock()
	return r.answer(request.Context(), n, one)
}

// times returns when requests have come.
func (r *receiver) times() (all []time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range r.got {
		all = append(all, one.after)
	}
	return all
}

// status is an answer without a body, or with one of a type.
func status(code int, header ...string) (*http.Response, error) {
	response := &http.Response{StatusCode: code, Status: strconv.Itoa(code) + " " + http.StatusText(code), Header: http.Header{}, Body: http.NoBody}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "body" {
			response.Body = io.NopCloser(strings.NewReader(header[i+1]))
		} else {
			response.Header.Set(header[i], header[i+1])
		}
	}
	return response, nil
}

func always(code int, header ...string) func(context.Context, int, received) (*http.Response, error) {
	return func(context.Context, int, received) (*http.Response, error) { return status(code, header...) }
}

// otlpOf decodes what a collector has got.
func otlpOf(t *testing.T, r received) *collectorpb.ExportMetricsServiceRequest {
	t.Helper()
	var request collectorpb.ExportMetricsServiceRequest
	if err := proto.Unmarshal(r.body, &request); err != nil {
		t.Fatal(err)
	}
	if kind := r.header.Get("Content-Type"); kind != "application/x-protobuf" {
		t.Errorf("the type is %s", kind)
	}
	return &request
}

// writeOf decodes a request of remote write 2.0.
func writeOf(t *testing.T, r received) *writev2.Request {
	t.Helper()
	kind, err := remote.ParseProtoMsg(r.header.Get("Content-Type"))
	if err != nil || kind != remote.WriteV2MessageType || r.header.Get("X-Prometheus-Remote-Write-Version") != "2.0.0" {
		t.Fatalf("headers %v, %v", r.header, err)
	}
	var request writev2.Request
	if err := proto.Unmarshal(r.body, &request); err != nil {
		t.Fatal(err)
	}
	return &request
}

// receiverAt is a receiver by its URL.
func receiverAt(t *testing.T, address string, p Protocol, headers ...string) Receiver {
	t.Helper()
	u, err := ParseURL(address, "/v1/metrics", "http://host/path")
	if err != nil {
		t.Fatal(err)
	}
	r := Receiver{URL: u, Protocol: p}
	for _, text := range headers {
		field, err := ParseHeader(text)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = append(r.Header, field)
	}
	return r
}
