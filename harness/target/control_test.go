package target_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"imcheck/harness/target"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
)

// withAPI runs a test against an API that someone else may have written.
func withAPI(t *testing.T, api http.HandlerFunc, test func(t *testing.T, c *target.Control)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := memory.New()
		l, err := n.ListenStream(anyPort)
		if err != nil {
			t.Fatal(err)
		}
		s := &http.Server{Handler: api}
		go s.Serve(l)
		c := target.NewControl(n, l.Addr().String())
		test(t, c)
		c.Close()
		s.Close()
		time.Sleep(time.Hour) // virtual: handlers notice that
	})
}

// text answers every request in the same way.
func text(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

// What an API answers against the contract is an error that says which call it
// was, and what came.
func TestOddAnswers(t *testing.T) {
	tests := []struct {
		name   string
		api    http.HandlerFunc
		want   string
		online bool // the error of a POST is not ErrNotOnline
	}{
		{"not JSON", text(200, "hello"), "not as the contract says", true},
		{"another form", text(200, `{"users":5,"fp":5,"name":5}`), "not as the contract says", true},
		{"a failure", text(500, "out of order\n"), "status 500: out of order", true},
		{"a refusal", text(400, `{"error":"why"}`), `{"error":"why"}`, true},
		{"a redirection", text(304, ""), "status 304", true},
		{"not online", text(404, `{"error":"x"}`), "", false},
	}
	for _, test := range tests {
		withAPI(t, test.api, func(t *testing.T, c *target.Control) {
			_, info := c.Info(t.Context())
			_, online := c.IsOnline(t.Context(), "u")
			_, push := c.Push(t.Context(), wire.NewData(wire.ServerID, "u", "x"))
			for path, err := range map[string]error{"GET /v1/info": info, "GET /v1/online": online, "POST /v1/s2c": push} {
				if err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%s, %s: %v", test.name, path, err)
				}
			}
			if errors.Is(info, target.ErrNotOnline) || errors.Is(push, target.ErrNotOnline) == test.online {
				t.Errorf("%s: info %v, push %v", test.name, info, push)
			}
		})
	}
}

// A redirect sends nobody anywhere: an API under test does not choose whom a
// tester calls, nor with which method.
func TestRedirectsAreNotFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		var elsewhere atomic.Int32
		api := func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/elsewhere" {
				elsewhere.Add(1)
				return
			}
			http.Redirect(w, r, "/elsewhere", status)
		}
		withAPI(t, api, func(t *testing.T, c *target.Control) {
			_, info := c.Info(t.Context())
			_, follow := c.Follow(t.Context())
			_, push := c.Push(t.Context(), wire.NewData(wire.ServerID, "u", "x"))
			for _, err := range []error{info, follow, push} {
				if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("status %d", status)) {
					t.Errorf("%d: got %v", status, err)
				}
			}
			if !strings.Contains(info.Error(), "redirects are not followed") {
				t.Errorf("%d: %v does not help", status, info)
			}
		})
		if n := elsewhere.Load(); n > 0 {
			t.Errorf("%d: %d requests went where the server sent them", status, n)
		}
	}
}

// hostile is a text that a terminal would obey, much longer than any name.
var hostile = "\x1b[2J\u202e\r\n::error::" + strings.Repeat("x", 1<<20)

// What a server says of itself is printable and bounded, whatever it is.
func TestInfoIsClean(t *testing.T) {
	api := func(w http.ResponseWriter, _ *http.Request) {
		info := controlapi.Info{Name: hostile, Version: hostile, Listen: map[string]string{hostile: hostile}, SenseMode: map[string]string{}}
		for i := range 1000 {
			info.Capabilities = append(info.Capabilities, controlapi.Capability(hostile[:100]))
			info.SenseMode[fmt.Sprint(hostile[:100], i)] = "3S"
		}
		_ = json.NewEncoder(w).Encode(info) // a test of its reader
	}
	withAPI(t, api, func(t *testing.T, c *target.Control) {
		info, err := c.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		all := fmt.Sprint(info)
		if len(info.Name) < 100 || len(info.Capabilities) == 0 || len(all) > 100_000 {
			t.Errorf("the name has %d characters, there are %d capabilities, all is %d bytes", len(info.Name), len(info.Capabilities), len(all))
		}
		if i := strings.IndexFunc(all, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("%q has a character that a terminal obeys", all[:200])
		}
	})
	for _, api := range []http.HandlerFunc{text(500, hostile), text(200, `{"name": 1`+strings.Repeat("0", 1<<20)+`}`)} {
		withAPI(t, api, func(t *testing.T, c *target.Control) {
			if _, err := c.Info(t.Context()); err == nil || len(err.Error()) > 1000 || strings.ContainsAny(err.Error(), "\x1b\r\n") {
				t.Errorf("the error is %.100q…", fmt.Sprint(err))
			}
		})
	}
}

// Discover keeps no connection to the API.
func TestDiscoverLeavesNoConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := memory.New()
		l, err := n.ListenStream(anyPort)
		if err != nil {
			t.Fatal(err)
		}
		var state atomic.Int32
		s := &http.Server{Handler: text(200, `{"name":"x"}`), ConnState: func(_ net.Conn, now http.ConnState) { state.Store(int32(now)) }}
		defer s.Close()
		go s.Serve(l)
		described := target.Target{Network: n, Control: l.Addr().String()}
		if err := described.Discover(t.Context(), wait); err != nil || described.Info.Name != "x" {
			t.Errorf("discovered %+v, %v", described.Info, err)
		}
		synctest.Wait()
		if got := http.ConnState(state.Load()); got != http.StateClosed {
			t.Errorf("the connection is %s, want it closed", got)
		}
	})
}

func TestCallEndsWithItsContext(t *testing.T) {
	stuck := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	withAPI(t, stuck, func(t *testing.T, c *target.Control) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		if _, err := c.Info(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Second {
			t.Errorf("%v after %v, want the deadline after 1 s", err, time.Since(begin))
		}
	})
}

// line is one event on the stream.
func line(seq int, user string) string {
	return fmt.Sprintf(`{"seq":%d,"at":1800000000123456789,"event":"login","user":%q}`+"\n", seq, user)
}

// ofUser matches the events of a user.
func ofUser(user string) func(target.Event) bool {
	return func(e target.Event) bool { return e.User == user }
}

func TestEvents(t *testing.T) {
	api := func(w http.ResponseWriter, r *http.Request) {
		flush := http.NewResponseController(w).Flush
		fmt.Fprint(w, line(1, "u"), line(2, "v"), line(3, "u"))
		flush()
		time.Sleep(time.Second)
		fmt.Fprint(w, `{"seq":4,"event":"logout","user":"w","code":-1,"fp":"f","message":{"type":2},"more":1}`)
		flush()
		<-r.Context().Done()
	}
	withAPI(t, api, func(t *testing.T, c *target.Control) {
		ctx, cancel := context.WithCancel(t.Context())
		events, err := c.Follow(ctx)
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		first, err := events.Wait(ctx, ofUser("u"))
		if err != nil || first.Seq != 1 || first.At().UnixNano() != 1800000000123456789 || first.IsCode(0) {
			t.Errorf("first event of u: %+v, %v", first, err)
		}
		later, err := events.Wait(ctx, ofUser("w"))
		if err != nil || !later.IsCode(-1) || later.IsCode(0) || later.Fingerprint != "f" || string(later.Message) != `{"type":2}` || time.Since(begin) != time.Second {
			t.Errorf("event of w: %+v, %v after %v", later, err, time.Since(begin))
		}
		if got := events.Count(ofUser("u")); got != 2 {
			t.Errorf("%d events of u, want 2", got)
		}
		brief, stop := context.WithTimeout(ctx, time.Second)
		defer stop()
		if _, err := events.Wait(brief, ofUser("nobody")); !errors.Is(err, target.ErrNoEvent) {
			t.Errorf("waiting for nobody: %v", err)
		}
		cancel()
		synctest.Wait()
		if _, err := events.Wait(t.Context(), ofUser("nobody")); err == nil || errors.Is(err, target.ErrNoEvent) {
			t.Errorf("after the end: %v, want that the stream ended", err)
		}
		if _, err := events.Wait(t.Context(), ofUser("v")); err != nil {
			t.Errorf("an event from before the end: %v", err)
		}
	})
}

// Several may wait at once, each for its own.
func TestWaitTogether(t *testing.T) {
	const waiters = 20
	api := func(w http.ResponseWriter, _ *http.Request) {
		for i := range waiters {
			time.Sleep(time.Millisecond)
			fmt.Fprint(w, line(i+1, fmt.Sprint(i)))
			http.NewResponseController(w).Flush()
		}
	}
	withAPI(t, api, func(t *testing.T, c *target.Control) {
		events, err := c.Follow(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		results := make(chan error)
		for i := range waiters {
			go func() {
				_, err := events.Wait(t.Context(), ofUser(fmt.Sprint(i)))
				results <- err
			}()
		}
		for range waiters {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		synctest.Wait()
	})
}

// A response that cannot be opened, or is not a stream, is an error.
func TestFollowFails(t *testing.T) {
	withAPI(t, text(404, ""), func(t *testing.T, c *target.Control) {
		if _, err := c.Follow(t.Context()); err == nil || !strings.Contains(err.Error(), "status 404") {
			t.Errorf("no such call: %v", err)
		}
	})
	withAPI(t, text(200, line(1, "u")+"hello"), func(t *testing.T, c *target.Control) {
		events, err := c.Follow(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := events.Wait(t.Context(), ofUser("v")); err == nil || !strings.Contains(err.Error(), "stream of events ended") {
			t.Errorf("a stream that is no JSON: %v", err)
		}
		if events.Count(ofUser("u")) != 1 {
			t.Error("the event before it is gone")
		}
	})
	n := memory.New()
	nobody := target.NewControl(n, "127.0.0.1:1")
	defer nobody.Close()
	if _, err := nobody.Follow(t.Context()); err == nil {
		t.Error("following nobody succeeds")
	}
}
