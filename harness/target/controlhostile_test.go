package target_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/target"
	"imcheck/protocol/wire"
)

// calls makes each call of the API once.
func calls(c *target.Control, ctx context.Context) map[string]error {
	_, info := c.Info(ctx)
	_, online := c.IsOnline(ctx, "u")
	_, push := c.Push(ctx, wire.NewData(wire.ServerID, "u", "x"))
	kick := c.Kick(ctx, "u", wire.Kickout{Code: wire.KickAdministrator})
	return map[string]error{"GET /v1/info": info, "GET /v1/online": online, "POST /v1/s2c": push, "POST /v1/kick": kick}
}

// A call that is not answered, or not to its end, fails after its own time and says
// which call it was.
func TestUnansweredCalls(t *testing.T) {
	silent := func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then net/http notices that the caller has gone
		<-r.Context().Done()
	}
	slow := func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		for r.Context().Err() == nil {
			_, _ = w.Write([]byte(" "))
			_ = http.NewResponseController(w).Flush()
			time.Sleep(time.Second) // virtual
		}
	}
	for name, test := range map[string]struct {
		api      http.HandlerFunc
		answered string // the call that needs no body of an answer
	}{"silent": {silent, ""}, "a byte a second": {slow, "POST /v1/kick"}} {
		withAPI(t, test.api, func(t *testing.T, c *target.Control) {
			begin := time.Now()
			for call, err := range calls(c, t.Context()) {
				if call == test.answered {
					continue
				}
				if err == nil || !strings.Contains(err.Error(), call+": no complete answer within 5s") || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s, %s: %v", name, call, err)
				}
			}
			unanswered := 4
			if test.answered != "" {
				unanswered--
			}
			if took := time.Since(begin); took != time.Duration(unanswered)*target.CallTimeout {
				t.Errorf("%s: %d calls took %v", name, unanswered, took)
			}
		})
	}
}

// endless writes the same text until the caller has gone.
func endless(part string) http.HandlerFunc {
	part = strings.Repeat(part, 1+4096/len(part))
	return func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := w.Write([]byte(part)); err != nil {
				return
			}
		}
	}
}

// What is read of an answer is bounded, and so is its head.
func TestLongAnswers(t *testing.T) {
	manyHeaders := func(w http.ResponseWriter, _ *http.Request) {
		for i := range 2000 {
			w.Header().Set(fmt.Sprint("X-", i), strings.Repeat("x", 100))
		}
	}
	for name, test := range map[string]struct {
		api  http.HandlerFunc
		want string
	}{
		"spaces":  {endless(" "), "the control API sent an answer of more than"},
		"users":   {endless(`{"users":[` + strings.Repeat(`"v",`, 1<<20)), "the control API sent an answer of more than"},
		"headers": {manyHeaders, "server response headers exceeded"},
	} {
		withAPI(t, test.api, func(t *testing.T, c *target.Control) {
			for call, err := range calls(c, t.Context()) {
				if call == "POST /v1/kick" && name != "headers" {
					continue // its answer is not read
				}
				if err == nil || !strings.Contains(err.Error(), call) || !strings.Contains(err.Error(), test.want) && call != "GET /v1/info" || len(err.Error()) > 1000 {
					t.Errorf("%s, %s: %.1000v", name, call, err)
				}
			}
		})
	}
}

// The list of users is searched, whatever else the answer has.
func TestIsOnline(t *testing.T) {
	for answer, want := range map[string]bool{
		`{"users":["u"]}`:                            true,
		`{"users":["v","u","w"]}`:                    true,
		`{"total":{"users":["v"]},"users":["u"]}`:    true,
		`{"users":["v","u2"],"others":["u"],"n":1} `: false,
		`{"users":[]}`:                               false,
		`{"users":null}`:                             false,
		`{}`:                                         false,
	} {
		withAPI(t, text(200, answer), func(t *testing.T, c *target.Control) {
			if got, err := c.IsOnline(t.Context(), "u"); err != nil || got != want {
				t.Errorf("%s: %v, %v", answer, got, err)
			}
		})
	}
	for _, answer := range []string{"", "null", "[]", `"u"`, `{"users":"u"}`, `{"users":[1]}`, `{"users":["u"}`, `{"users":["u"]`, `{"users":["u"`} {
		withAPI(t, text(200, answer), func(t *testing.T, c *target.Control) {
			if _, err := c.IsOnline(t.Context(), "u"); err == nil || !strings.Contains(err.Error(), "not as the contract says") {
				t.Errorf("%s: %v", answer, err)
			}
		})
	}
}

// A server that sends the head of the stream with the first event deadlocks nobody.
func TestHeadWithTheFirstEvent(t *testing.T) {
	api := func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(time.Minute) // virtual
		fmt.Fprint(w, line(1, "u"))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	withAPI(t, api, func(t *testing.T, c *target.Control) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		begin := time.Now()
		events := c.FollowOwn(ctx, ofUser("u"))
		if time.Since(begin) != 0 || events.HasHead() {
			t.Errorf("following took %v", time.Since(begin))
		}
		if _, err := events.Wait(ctx, ofUser("u")); err != nil || time.Since(begin) != time.Minute || !events.HasHead() {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
		begin = time.Now()
		if _, err := c.Follow(ctx); !errors.Is(err, target.ErrNoHead) || time.Since(begin) != target.CallTimeout {
			t.Errorf("a stream that has to begin at once: %v after %v", err, time.Since(begin))
		}
	})
}

// Events that nobody asked for are counted, and not kept.
func TestForeignEventsAreNotKept(t *testing.T) {
	api := func(w http.ResponseWriter, r *http.Request) {
		for i := range 1000 {
			fmt.Fprint(w, line(i, "other"))
		}
		fmt.Fprint(w, line(1000, "u"))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
	withAPI(t, api, func(t *testing.T, c *target.Control) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		events := c.FollowOwn(ctx, ofUser("u"))
		if e, err := events.Wait(ctx, ofUser("u")); err != nil || e.Seq != 1000 {
			t.Errorf("%+v, %v", e, err)
		}
		if kept := events.Count(func(target.Event) bool { return true }); kept != 1 || events.Total() != 1001 {
			t.Errorf("%d events are kept of %d", kept, events.Total())
		}
	})
}

// An event without end ends the stream.
func TestEndlessEvent(t *testing.T) {
	for name, api := range map[string]http.HandlerFunc{
		"a text": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, line(1, "u"), `{"user":"`)
			endless("x")(w, r)
		},
		"spaces": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, line(1, "u"))
			endless(" ")(w, r)
		},
		"lists": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, line(1, "u"), `{"message":`)
			endless("[0],")(w, r)
		},
	} {
		withAPI(t, api, func(t *testing.T, c *target.Control) {
			events := c.FollowOwn(t.Context(), ofUser("u"))
			_, err := events.Wait(t.Context(), ofUser("nobody"))
			if err == nil || len(err.Error()) > 1000 || name != "lists" && !strings.Contains(err.Error(), "the control API sent an event of more than 1024 KiB") {
				t.Errorf("%s: %.1000v", name, err)
			}
			if events.Count(ofUser("u")) != 1 {
				t.Errorf("%s: the event before it is gone", name)
			}
			synctest.Wait()
		})
	}
}

// An event as long as the largest message makes it is read.
func TestLongEvent(t *testing.T) {
	long := strings.Repeat(`\u0007`, 64<<10)
	api := func(w http.ResponseWriter, r *http.Request) {
		for range 10 {
			fmt.Fprintf(w, `{"user":"u","message":{"dataContent":%q}}`, long)
		}
	}
	withAPI(t, api, func(t *testing.T, c *target.Control) {
		events := c.FollowOwn(t.Context(), ofUser("u"))
		if _, err := events.Wait(t.Context(), ofUser("nobody")); !strings.Contains(fmt.Sprint(err), "EOF") {
			t.Errorf("the stream ended with %v", err)
		}
		if n := events.Count(ofUser("u")); n != 10 {
			t.Errorf("%d of 10 events came", n)
		}
	})
}
