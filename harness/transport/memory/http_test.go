package memory_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/transport/memory"
)

// A control API runs in virtual time: requests, and an answer that is kept open
// and written to as time goes by.
func TestHTTPInVirtualTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memory.New()
		handler := http.NewServeMux()
		handler.HandleFunc("POST /echo", func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			_, _ = w.Write(body)
		})
		handler.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) {
			for i := 0; r.Context().Err() == nil; i++ { // until the client is gone
				fmt.Fprintln(w, i)
				_ = http.NewResponseController(w).Flush()
				select {
				case <-r.Context().Done():
				case <-time.After(time.Minute):
				}
			}
		})
		server := &http.Server{Handler: handler}
		l := listen(t, n)
		served := make(chan error, 1)
		go func() { served <- server.Serve(l) }()

		pool := &http.Transport{DialContext: func(ctx context.Context, _, address string) (net.Conn, error) {
			return n.DialStream(ctx, address)
		}}
		client := &http.Client{Transport: pool}
		base := "http://" + l.Addr().String()
		exchangeHTTP(t, client, base)
		followEvents(t, client, base)

		pool.CloseIdleConnections()
		if err := server.Close(); err != nil {
			t.Error(err)
		}
		if err := <-served; err != http.ErrServerClosed {
			t.Errorf("Serve: %v", err)
		}
	})
}

func exchangeHTTP(t *testing.T, client *http.Client, base string) {
	t.Helper()
	for i := range 3 { // over one connection
		answer, err := client.Post(base+"/echo", "text/plain", io.LimitReader(endless{}, 100<<10))
		if err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		body, err := io.ReadAll(answer.Body)
		if err != nil || len(body) != 100<<10 {
			t.Errorf("request %d: %d bytes came back, %v", i, len(body), err)
		}
		_ = answer.Body.Close()
	}
}

// endless is a body that has no end.
type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }

// followEvents reads a stream of events until its own deadline.
func followEvents(t *testing.T, client *http.Client, base string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	answer, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	events, err := io.ReadAll(answer.Body)
	if string(events) != "0\n1\n2\n" || err == nil {
		t.Errorf("events %q, %v; want three and the deadline", events, err)
	}
	if took := time.Since(start); took != 150*time.Second {
		t.Errorf("it took %s, want 2m30s", took)
	}
}
