package server

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/conformance/suite"
	"imcheck/harness/target"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// runWithAPI runs a case in virtual time against a fake target with a control API.
// Each login that comes to the target is sent to logins.
func runWithAPI(t *testing.T, api func(logins <-chan string) http.HandlerFunc, run func(*Scene)) (results []suite.Finished, took time.Duration, err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := memory.New()
		logins := make(chan string, 100)
		handle := func(m wire.Message, l fakeLink) {
			if info, err := wire.ParseLoginInfo(m.DataContent.Value()); m.Type == wire.TypeLogin && err == nil {
				logins <- info.UserID.Value()
			}
			oblige(m, l)
		}
		under := &target.Target{Network: network, Tolerance: 100 * time.Millisecond, Modes: timing.DefaultModes()}
		under.Info.Capabilities = controlapi.Capabilities{controlapi.CapabilityEvents, controlapi.CapabilityKick}
		under.Addresses[wire.TCP] = fakeTest{kind: wire.TCP, handle: handle}.listen(t, network)
		l, failure := network.ListenStream("127.0.0.1:0")
		if failure != nil {
			t.Fatal(failure)
		}
		server := &http.Server{Handler: api(logins)}
		go func() { _ = server.Serve(l) }()
		under.Control = l.Addr().String()
		started := time.Now()
		results, err = Run(t.Context(), under, []suite.Item{itemOf("case", func(s *Scene) { run(s) })}, suite.Options{})
		took = time.Since(started)
		_ = server.Close()
		time.Sleep(time.Minute) // virtual: handlers notice that
	})
	return results, took, err
}

// reportLogins writes an event for each login, and nothing before the first one.
func reportLogins(logins <-chan string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for {
			select {
			case user := <-logins:
				fmt.Fprintf(w, `{"event":%q,"user":%q}`+"\n", controlapi.EventLogin, user)
				_ = http.NewResponseController(w).Flush()
			case <-r.Context().Done():
				return
			}
		}
	}
}

// unanswered reads a request, and answers when the caller has gone.
func unanswered(<-chan string) http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}
}

// Many servers send the head of the stream with the first event: the login of the
// suite's own brings it.
func TestHeadWithTheFirstEvent(t *testing.T) {
	results, took, err := runWithAPI(t, reportLogins, func(s *Scene) {
		user := s.User("u")
		told := s.Notified(controlapi.EventLogin, OfUser(user))
		p, _ := s.LoginAt(s.Transport, user, 0, told)
		p.KeepAlive()
	})
	if err != nil || results[0].Result.Verdict != reports.Pass || took != suite.DefaultTimeouts.Settle {
		t.Errorf("%v after %v: %+v", err, took, results)
	}
}

// A server that does not answer the request for its events at all is not a target.
func TestNoStreamOfEvents(t *testing.T) {
	results, took, err := runWithAPI(t, unanswered, func(*Scene) {})
	if !errors.Is(err, target.ErrNoHead) || len(results) > 0 || took != target.CallTimeout {
		t.Errorf("%v after %v: %+v", err, took, results)
	}
}

// A stream that is refused, and one that ends at once, say so.
func TestRefusedStreamOfEvents(t *testing.T) {
	refusing := func(<-chan string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", http.StatusTeapot) }
	}
	if results, _, err := runWithAPI(t, refusing, func(*Scene) {}); err == nil || !strings.Contains(err.Error(), "GET /v1/events: status 418") || len(results) > 0 {
		t.Errorf("%v: %+v", err, results)
	}
	ending := func(<-chan string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{} {") }
	}
	if results, _, err := runWithAPI(t, ending, func(*Scene) {}); err == nil || !strings.Contains(err.Error(), "the stream of events ended") || len(results) > 0 {
		t.Errorf("%v: %+v", err, results)
	}
}

// Floods of events end the stream, and a call that is never answered fails in a few
// seconds: the case could not be run, and the reason says what the server did.
func TestHostileControlAPI(t *testing.T) {
	flooding := func(start, event string) func(<-chan string) http.HandlerFunc {
		return func(logins <-chan string) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				user := <-logins // the marker, which shows the nonce
				fmt.Fprintf(w, `{"event":%q,"user":%q}`+"\n", controlapi.EventLogin, user)
				_ = http.NewResponseController(w).Flush()
				if user = <-logins; event == "" {
					event = fmt.Sprintf(`{"event":"login","user":%q}`, user)
				}
				fmt.Fprint(w, start)
				for r.Context().Err() == nil {
					if _, err := io.WriteString(w, event); err != nil {
						return
					}
				}
			}
		}
	}
	waiting := func(s *Scene) {
		s.Login(s.User("u"))
		s.Notified(controlapi.EventLogout, OfUser(s.User("v"))).Expect()
	}
	for _, test := range []struct {
		name string
		api  func(<-chan string) http.HandlerFunc
		run  func(*Scene)
		want string
		most time.Duration
	}{
		{"an event without end", flooding(`{"user":"`, strings.Repeat("x", 4<<10)), waiting, "the control API sent an event of more than", time.Second},
		{"events of nobody", flooding("", `{}`), waiting, "the control API sent more events about this run than there can be", time.Second},
		{"events of ours", flooding("", ""), waiting, "the control API sent more events about this run than there can be", time.Second},
		{"a call that is not answered", func(logins <-chan string) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					reportLogins(logins)(w, r)
				}
				unanswered(nil)(w, r)
			}
		}, func(s *Scene) { s.Kick("u", wire.Kickout{}) }, "POST /v1/kick: no complete answer within 5s", target.CallTimeout + suite.DefaultTimeouts.Probe},
	} {
		results, took, err := runWithAPI(t, test.api, test.run)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		r := results[0].Result
		if r.Verdict != reports.Error || !strings.Contains(r.Reason, test.want) || len(r.Reason) > 1000 || took > test.most {
			t.Errorf("%s: after %v %s: %.1000s", test.name, took, r.Verdict, r.Reason)
		}
	}
}
