package export

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

var anOrigin = Origin{Job: "imcheck", Instance: "machine:7", Version: "1.2", Labels: []Label{{"run", "nightly"}}}

// seconds is a source whose only figure is the time since it began.
func seconds() figuresOf {
	began := time.Now()
	gauge := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "elapsed_seconds", Help: "Time since the start."},
		func() float64 { return time.Since(began).Seconds() })
	return figuresOf{[]prometheus.Collector{gauge}, began}
}

// Figures are sent at the interval, and a last time at the end.
func TestExporterSendsTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := newReceiver(always(200))
		e := Start(Config{Receiver: receiverAt(t, "http://collector", &OTLP{}), Origin: anOrigin, Source: seconds(), Every: 5 * time.Second, Transport: to})
		time.Sleep(12500 * time.Millisecond)
		if got, want := e.Result(), (Result{Sent: 3, End: true}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if got := to.times(); !slices.Equal(got, []time.Duration{5 * time.Second, 10 * time.Second, 12500 * time.Millisecond}) {
			t.Errorf("exports after %v", got)
		}
		for _, one := range to.got {
			point := otlpOf(t, one).ResourceMetrics[0].ScopeMetrics[0].Metrics[0].GetGauge().DataPoints[0]
			if point.GetAsDouble() != one.after.Seconds() {
				t.Errorf("after %v the figure is %v", one.after, point.GetAsDouble())
			}
		}
	})
}

// A receiver that does not do what it should costs its exports, and a bounded time at the end.
func TestExporterBearsReceivers(t *testing.T) {
	hang := func(ctx context.Context, _ int, _ received) (*http.Response, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	gone := func(context.Context, int, received) (*http.Response, error) {
		return nil, errors.New("connect: connection refused")
	}
	slow := func(time time.Duration) func(context.Context, int, received) (*http.Response, error) {
		return func(ctx context.Context, _ int, _ received) (*http.Response, error) {
			if !sleep(ctx, time) {
				return nil, ctx.Err()
			}
			return status(200)
		}
	}
	for _, test := range []struct {
		name   string
		answer func(ctx context.Context, n int, r received) (*http.Response, error)
		want   Result
		ending time.Duration // that the end takes
	}{
		{"takes all", always(200), Result{Sent: 4, End: true}, 0},
		{"broken", always(500, "body", "out of\nspace"), Result{Failed: 4, Error: `it answers 500 Internal Server Error: out of\nspace`}, FinalTime},
		{"refuses", always(403), Result{Failed: 4, Error: "it answers 403 Forbidden"}, 0},
		{"busy", always(429), Result{Failed: 4, Error: "it answers 429 Too Many Requests"}, FinalTime},
		{"elsewhere", always(302, "Location", "http://other/"), Result{Failed: 4, Error: "it answers 302 Found"}, 0},
		{"gone", gone, Result{Failed: 4, Error: "connect: connection refused"}, FinalTime},
		{"hangs", hang, Result{Failed: 1, Skipped: 2, Error: "no answer in time"}, FinalTime},
		{"slow", slow(2400 * time.Millisecond), Result{Sent: 2, Skipped: 2, End: true}, 2400 * time.Millisecond},
		{"back at the end", func(_ context.Context, n int, _ received) (*http.Response, error) {
			return status(map[bool]int{true: 503, false: 200}[n <= 5])
		}, Result{Sent: 1, Failed: 3, End: true, Error: "it answers 503 Service Unavailable"}, 600 * time.Millisecond},
		{"rejects some", always(200, "body", "\x0a\x07\x08\x03\x12\x03why"), Result{Failed: 4, Error: "it has rejected 3 figures: why"}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				said := 0
				e := Start(Config{
					Receiver: receiverAt(t, "http://collector", &OTLP{}), Origin: anOrigin, Source: seconds(), Every: time.Second,
					Transport: newReceiver(test.answer), Failed: func(error) { said++ },
				})
				time.Sleep(3500 * time.Millisecond)
				ended := time.Now()
				got := e.Result()
				if got != test.want || time.Since(ended) != test.ending {
					t.Errorf("got %+v after %v, want %+v after %v", got, time.Since(ended), test.want, test.ending)
				}
				if int64(said) != got.Failed {
					t.Errorf("it said %d times that an export failed", said)
				}
			})
		})
	}
}

// An export that hangs while the run lasts is given up, and the next one comes when it is due.
func TestExporterGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := newReceiver(func(ctx context.Context, n int, _ received) (*http.Response, error) {
			if n == 1 {
				<-ctx.Done()
				return nil, ctx.Err()
			}
			return status(200)
		})
		e := Start(Config{Receiver: receiverAt(t, "http://collector", &OTLP{}), Origin: anOrigin, Source: seconds(), Every: time.Second, Transport: to})
		time.Sleep(7500 * time.Millisecond)
		if got, want := e.Result(), (Result{Sent: 2, Failed: 1, Skipped: 5, End: true, Error: "no answer in time"}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if got := to.times(); !slices.Equal(got, []time.Duration{time.Second, 7 * time.Second, 7500 * time.Millisecond}) {
			t.Errorf("exports after %v", got)
		}
	})
}

// sleep waits, unless ctx is done first.
func sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// Before there are figures nothing is sent, and without any nothing has failed.
func TestExporterWithoutFigures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := newReceiver(always(200))
		e := Start(Config{Receiver: receiverAt(t, "http://collector", &OTLP{}), Source: figuresOf{}, Every: time.Second, Transport: to})
		time.Sleep(5 * time.Second)
		if got := e.Result(); got != (Result{}) || len(to.got) > 0 {
			t.Errorf("got %+v with %d exports", got, len(to.got))
		}
	})
}

// Headers are sent, and what is secret is in no error, whatever a receiver says or a network does.
func TestExporterHidesSecrets(t *testing.T) {
	t.Setenv("EXPORT_TOKEN", "s3cr3t-token")
	for name, answer := range map[string]func(context.Context, int, received) (*http.Response, error){
		"echoed":  always(401, "body", "not allowed: Bearer s3cr3t-token p4ssw0rd k3y-of-query"),
		"as RPC":  always(401, "Content-Type", "application/x-protobuf", "body", "\x08\x10\x12\x15s3cr3t-token p4ssw0rd"),
		"dialing": func(context.Context, int, received) (*http.Response, error) { return nil, errors.New("no route") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				to := newReceiver(answer)
				r := receiverAt(t, "http://user:p4ssw0rd@collector/x?apikey=k3y-of-query", &OTLP{}, "Authorization: Bearer ${EXPORT_TOKEN}")
				got := Start(Config{Receiver: r, Origin: anOrigin, Source: seconds(), Every: time.Second, Transport: to}).Result()
				for _, secret := range []string{"s3cr3t", "p4ssw0rd", "k3y-of"} {
					if strings.Contains(got.Error+r.String(), secret) {
						t.Errorf("%q, %q", got.Error, r)
					}
				}
				if got.Failed != 1 || to.got[0].header.Get("Authorization") != "Bearer s3cr3t-token" {
					t.Errorf("got %+v, headers %v", got, to.got[0].header)
				}
			})
		})
	}
}

func TestParse(t *testing.T) {
	for _, test := range []struct{ url, path, want, refused string }{
		{"http://a:4318", "/v1/metrics", "http://a:4318/v1/metrics", ""},
		{"https://a/", "/v1/metrics", "https://a/v1/metrics", ""},
		{"http://a/otlp/x", "/v1/metrics", "http://a/otlp/x", ""},
		{"http://user:pass@a/w?token=t", "", "http://…@a/w?token=…", ""},
		{"http://a", "", "", "has no path"},
		{"a:4318", "/", "", "is not the URL of a receiver"},
		{"127.0.0.1:4318", "/", "", "not a URL"},
		{"http://", "/", "", "is not the URL"},
		{"ftp://a/x", "/", "", "is not the URL"},
		{"http://a/x#y", "/", "", "fragment"},
		{"http://user:s3cret@a:port/", "/", "", "not a URL"},
	} {
		u, err := ParseURL(test.url, test.path, "http://host/path")
		switch {
		case test.refused != "":
			if err == nil || !strings.Contains(err.Error(), test.refused) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%s: got %v, %v", test.url, u, err)
			}
		case err != nil || Receiver{URL: u}.String() != test.want:
			t.Errorf("%s: got %v, %v", test.url, u, err)
		}
	}
	for text, refused := range map[string]string{"run=nightly": "", "Run_2 = x=y": "", "run": "write it as", "=x": "is not the name", "run=": "write it as", "2run=x": "is not the name", "__x=y": "is not the name", "kind=x": "already", "läuft=x": "is not the name"} {
		if _, err := ParseLabel(text, "kind"); (err != nil) != (refused != "") || err != nil && !strings.Contains(err.Error(), refused) {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

// What a receiver answers is read however malformed it is.
func FuzzStatusText(f *testing.F) {
	f.Add([]byte("\x08\x10\x12\x03why"))
	f.Add([]byte("\x12\xff\xff\xff\xff\x0fx"))
	f.Add([]byte("\x12\x03"))
	f.Fuzz(func(t *testing.T, body []byte) {
		got := statusText(answer{header: http.Header{"Content-Type": {"application/x-protobuf"}}, body: body})
		if !strings.Contains(string(body), got) {
			t.Errorf("%q is not in %q", got, body)
		}
	})
}
