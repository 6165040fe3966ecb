package target_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"imcheck/harness/target"
	"imcheck/protocol/controlapi"
)

// Of the events those of losses are told, however long and odd the others are.
func TestFollowNamed(t *testing.T) {
	long := strings.Repeat("x", 300<<10)
	lines := []string{
		`{"seq":1,"event":"c2c","fp":"a","message":{"dataContent":"\"lost\""}}`,
		`{"seq":2,"event":"lost","fp":"b","user":"u"}`,
		`{"seq":3,"event":"c2c","fp":"c","message":{"dataContent":"` + long + `"}}`,
		`{"seq":4,"event":"lost","fp":"d","message":{"dataContent":"` + long + `"}}`,
		`"lost" {`,
		``,
		`{"seq":5,  "event" : "lost" ,"fp":"e"}`,
		`{"seq":6,"event":"received","fp":"lost"}`,
		`{"seq":7,"event":"lost","fp":"f"}`,
	}
	for _, test := range []struct {
		name string
		api  http.HandlerFunc
		want []string
		err  string
	}{
		{"some", text(200, strings.Join(lines, "\n")), []string{"b", "e", "f"}, "the stream of events ended"},
		{"none", text(404, "no such call"), nil, "GET /v1/events: status 404"},
		{"an event without end", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				fmt.Fprint(w, long)
			}
		}, nil, "an event"},
	} {
		withAPI(t, test.api, func(t *testing.T, c *target.Control) {
			var got []string
			began := false
			err := c.FollowNamed(t.Context(), func() { began = true }, func(e controlapi.EventLine, _ time.Time) { got = append(got, e.Fingerprint) }, controlapi.EventLost)
			if !slices.Equal(got, test.want) || err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("%s: got %q, %v; want %q, %s", test.name, got, err, test.want, test.err)
			}
			if began == strings.Contains(test.err, "status") {
				t.Errorf("%s: it has begun: %v", test.name, began)
			}
		})
	}
}

// Following ends with the context, however long the server stays silent.
func TestFollowNamedEnds(t *testing.T) {
	silent := func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	withAPI(t, silent, func(t *testing.T, c *target.Control) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		begin := time.Now()
		if err := c.FollowNamed(ctx, func() {}, func(controlapi.EventLine, time.Time) {}, controlapi.EventLost); err == nil || time.Since(begin) != time.Hour {
			t.Errorf("it ended after %v: %v", time.Since(begin), err)
		}
	})
}
