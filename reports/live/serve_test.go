package live

import (
	"bufio"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"imcheck/reports"
)

func get(t *testing.T, b *Board, path string) *httptest.ResponseRecorder {
	t.Helper()
	answer := httptest.NewRecorder()
	b.Handler().ServeHTTP(answer, httptest.NewRequest("GET", path, nil))
	return answer
}

// The page is whole as it is served: its script only keeps it so.
func TestPageIsWholeWithoutItsScript(t *testing.T) {
	b := NewBoard("Load")
	b.Update(func(s *State) { s.Phase, s.Load = "steady", aLoad(10) })
	answer := get(t, b, "/")
	holds(t, answer.Body.String(), "<title>steady: Load</title>", `<div id="headline">`, "998/s delivered", `<svg class="plot"`, `<noscript><meta http-equiv="refresh"`)
	b.Update(func(s *State) { s.Ended, s.Outcome, s.Summary = true, reports.OutcomeFail, "5 lost" })
	page := get(t, b, "/").Body.String()
	holds(t, page, "<title>FAIL: Load</title>", "data-ended", "5 lost")
	if strings.Contains(page, "http-equiv") {
		t.Error("a page that has ended is asked for again and again")
	}
	for path, want := range map[string]string{"/live.css": "--good:", "/live.js": "EventSource"} {
		if text := get(t, b, path).Body.String(); !strings.Contains(text, want) {
			t.Errorf("%s: there is no %q", path, want)
		}
	}
	for path, want := range map[string]int{"/other": http.StatusNotFound, "/assets/live.js": http.StatusNotFound} {
		if got := get(t, b, path).Code; got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
}

func TestSnapshot(t *testing.T) {
	b := NewBoard("Load")
	b.Update(func(s *State) { s.Phase, s.Load = "steady", aLoad(10) })
	var s State
	if err := json.Unmarshal(get(t, b, "/snapshot.json").Body.Bytes(), &s); err != nil {
		t.Fatal(err)
	}
	if s.Phase != "steady" || s.Load == nil || s.Load.Second.Delivered != 998 || len(s.Load.Timeline) != 10 || s.Load.Per != 1 {
		t.Errorf("got %+v", s)
	}
}

// events reads the updates of a stream.
type events struct {
	t     *testing.T
	lines *bufio.Scanner
}

// follow opens a stream of events.
func follow(t *testing.T, address string) *events {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), "GET", address+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { answer.Body.Close() })
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("status %d, %v", answer.StatusCode, answer.Header)
	}
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, 1<<20)
	return &events{t, lines}
}

// next waits for the next update; more is false at the end of the stream.
func (e *events) next() (u update, more bool) {
	e.t.Helper()
	for e.lines.Scan() {
		if data, ok := strings.CutPrefix(e.lines.Text(), "data: "); ok {
			if err := json.Unmarshal([]byte(data), &u); err != nil {
				e.t.Fatal(err)
			}
			return u, true
		}
	}
	return update{}, false
}

// A page is sent everything, then what has changed, and the end even when the process
// goes at once.
func TestEvents(t *testing.T) {
	b := NewBoard("Load")
	server := httptest.NewServer(b.Handler())
	defer server.Close()
	e := follow(t, server.URL)
	if u, _ := e.next(); len(u.Parts) != len(partIDs) || u.Title != "starting: Load" {
		t.Errorf("first %+v", u)
	}
	b.Update(func(s *State) { s.Phase = "ramp" })
	u, _ := e.next()
	if _, charts := u.Parts[partCharts]; charts || !strings.Contains(u.Parts[partHeadline], "ramp") || u.Ended {
		t.Errorf("then %+v", u)
	}
	b.Update(func(s *State) { s.Ended, s.Outcome = true, reports.OutcomePass })
	b.Close()
	if u, more := e.next(); !more || !u.Ended || !strings.Contains(u.Parts[partHeadline], "PASS") {
		t.Errorf("at the end %+v, %t", u, more)
	}
	if u, more := e.next(); more {
		t.Errorf("after the end %+v", u)
	}
}

func TestStreamsAreBounded(t *testing.T) {
	b := NewBoard("Load")
	server := httptest.NewServer(b.Handler())
	defer server.Close()
	defer b.Close()
	for range maxStreams {
		follow(t, server.URL).next()
	}
	answer, err := http.Get(server.URL + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("one more: status %d", answer.StatusCode)
	}
}
