package cli

import (
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/conformance/server"
	"imcheck/conformance/servercases"
	"imcheck/conformance/suite"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
	"imcheck/reports/live"
)

// The page is for this machine unless another address is named.
func TestAddressOfTheLiveView(t *testing.T) {
	for address, want := range map[string]string{
		":0": "127.0.0.1:0", "9200": "127.0.0.1:9200", "127.0.0.2:9200": "127.0.0.2:9200", "[::1]:0": "[::1]:0",
		"0.0.0.0:9200": "0.0.0.0:9200", "host.example:1": "host.example:1",
	} {
		host, port, err := (&liveView{address: address}).hostPort()
		if got := net.JoinHostPort(host, port); got != want || err != nil {
			t.Errorf("%s: got %s, %v, want %s", address, got, err, want)
		}
	}
	for _, address := range []string{"nonsense", "127.0.0.1:http:x", "127.0.0.1:99999", "::1"} {
		v := &liveView{address: address}
		var told strings.Builder
		if err := v.listen(&app{err: &told}, "Load"); err == nil || !strings.HasPrefix(err.Error(), "--ui: ") {
			t.Errorf("%s: %v", address, err)
			v.close()
		}
	}
}

// A port that somebody has is refused, and one beyond loopback warned of.
func TestListeningOfTheLiveView(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	var told strings.Builder
	v := &liveView{address: taken.Addr().String()}
	if err := v.listen(&app{err: &told}, "Load"); err == nil || !strings.Contains(err.Error(), "with a port that is free") || told.Len() > 0 {
		t.Errorf("%v, %q", err, told.String())
	}
	v.address = ":0"
	if err := v.listen(&app{err: &told}, "Load"); err != nil {
		t.Fatal(err)
	}
	defer v.close()
	if got := told.String(); !strings.HasPrefix(got, "ui: http://127.0.0.1:") || strings.Contains(got, "warning") {
		t.Errorf("it says %q", got)
	}
}

// Pages of others cannot read it, by whatever name they reach it, and it brings the headers that
// keep it to itself.
func TestLiveViewIsGuarded(t *testing.T) {
	page := guardedPage("127.0.0.1", live.NewBoard("Load").Handler())
	for name, test := range map[string]struct {
		host, site string
		status     int
	}{
		"its address":   {"127.0.0.1:9200", "same-origin", http.StatusOK},
		"its name":      {"localhost:9200", "none", http.StatusOK},
		"rebound":       {"evil.example:9200", "", http.StatusForbidden},
		"another page":  {"127.0.0.1:9200", "cross-site", http.StatusForbidden},
		"other machine": {"192.0.2.1:9200", "", http.StatusForbidden},
	} {
		for _, path := range []string{"/", "/snapshot.json"} {
			request := httptest.NewRequest("GET", path, nil)
			request.Host = test.host
			request.Header.Set("Sec-Fetch-Site", test.site)
			answer := httptest.NewRecorder()
			page.ServeHTTP(answer, request)
			if answer.Code != test.status {
				t.Errorf("%s: %s: %d, want %d", name, path, answer.Code, test.status)
			}
			policy := answer.Header().Get("Content-Security-Policy")
			if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || answer.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: %s: %v", name, path, answer.Header())
			}
		}
	}
}

// snapshotOf returns what a live view shows.
func snapshotOf(t *testing.T, v *liveView) string {
	t.Helper()
	answer := httptest.NewRecorder()
	v.board.Handler().ServeHTTP(answer, httptest.NewRequest("GET", "/snapshot.json", nil))
	return answer.Body.String()
}

// The page has the figures that the metrics and the terminal have.
func TestLiveViewOfALoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &liveView{board: live.NewBoard("Load"), started: time.Now()}
		s := aSnapshot()
		s.Second.AtMs = 12_000
		v.showLoad(s, false, true)
		got := snapshotOf(t, v)
		for _, part := range []string{
			`"phase":"steady"`, `"elapsedMs":12500`, `"clients":60`, `"online":59`, `"p99Us":25000`, `"errors":[{"cause":"session lost","count":2},{"cause":"message lost","count":1}]`,
			`"lostSessions":[{"cause":"connection reset","count":2}]`, `"inProcess":true`,
		} {
			if !strings.Contains(got, part) {
				t.Errorf("there is no %s in\n%s", part, got)
			}
		}
	})
}

// A search shows its steps, and of each step its own figures only.
func TestLiveViewOfASearch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &liveView{board: live.NewBoard("Search"), started: time.Now()}
		v.search(&reports.Capacity{Unit: "clients"})
		v.beginStep(reports.CapacityStep{Number: 1, Load: 500}, "clients")
		s := aSnapshot()
		s.Second.AtMs = 1000
		v.showLoad(s, false, false)
		if got := snapshotOf(t, v); !strings.Contains(got, `"phase":"step 1, 500 clients"`) || !strings.Contains(got, `"online":59`) {
			t.Errorf("in the first step: %s", got)
		}
		v.endStep(reports.CapacityStep{Number: 1, Load: 500, Came: reports.CameHeld})
		v.beginStep(reports.CapacityStep{Number: 2, Load: 1000}, "clients")
		if got := snapshotOf(t, v); !strings.Contains(got, `"phase":"step 2, 1,000 clients"`) || strings.Contains(got, `"online":59`) || !strings.Contains(got, `"steps":[{"number":1`) {
			t.Errorf("in the second step: %s", got)
		}
	})
}

// A live view that nobody asked for does nothing.
func TestNoLiveView(t *testing.T) {
	var v liveView
	if err := v.listen(nil, "Load"); err != nil {
		t.Error(err)
	}
	v.showLoad(aSnapshot(), false, false)
	v.showExpiries(nil)
	v.end(&reports.Header{}, "")
	v.close()
}

func TestModeWatch(t *testing.T) {
	item := func(id string, kind wire.Transport) suite.Item {
		return suite.Item{Case: suite.Case{ID: id}, Transport: kind}
	}
	runs := []server.SenseModeRun{
		{Mode: timing.Mode3S, Items: []suite.Item{item(server.ExpiryCase, wire.UDP), item(server.ExpiryCase, wire.TCP), item("heartbeat/expiry-reported", wire.TCP)}},
		{Mode: timing.Mode60S, Items: []suite.Item{item(server.ExpiryCase, wire.TCP)}},
	}
	w := newModeWatch(runs)
	start := time.Now()
	w.begin("3S", "tcp", start)
	w.begin("60S", "tcp", start)
	runs[0].Started(item("heartbeat/expiry-reported", wire.UDP)) // says nothing of the expiry
	finish := func(id, transport string, bad bool, m ...reports.Measurement) {
		w.add(suite.Finished{Item: suite.Item{Case: suite.Case{ID: id}}, Result: reports.Result{Case: id, SenseMode: "3S", Transport: transport, Verdict: reports.Pass, Measurements: m}}, bad)
	}
	now := start.Add(10 * time.Second)
	got := w.expiries(now)
	if len(got) != 3 || got[0].Begun || !got[1].Begun || got[1].SinceMs != 10_000 || got[1].Cases != 2 || got[1].Measured() || got[2].Nominal == 0 {
		t.Errorf("while they are measured: %+v", got)
	}
	finish(server.ExpiryCase, "tcp", false, reports.Measurement{Shows: reports.ShowsEnded, Value: 10_123})
	finish("heartbeat/expiry-reported", "tcp", true)
	got = w.expiries(now)
	if !got[1].Measured() || got[1].Latest != 10_123 || got[1].SinceMs != 0 || got[1].Done != 2 || got[1].Bad != 1 || got[1].Cases != 2 || got[2].Measured() {
		t.Errorf("after the first: %+v", got)
	}
	var lines []string
	for _, l := range w.lines(now) {
		lines = append(lines, fitting(l.parts, 100))
	}
	if text := strings.Join(lines, "\n"); !strings.HasPrefix(text, "measuring  1 expiry, 60S tcp 10 of ") || !strings.Contains(text, "\nmeasured   1 of 3, 3S tcp +") {
		t.Errorf("the terminal shows\n%s", text)
	}
	judged := w.judged([]reports.Expiry{{SenseMode: "3S", Transport: "tcp", Verdict: reports.Inconclusive}})
	if judged[1].Verdict != reports.Inconclusive || judged[1].Done != 2 {
		t.Errorf("judged: %+v", judged[1])
	}
}

// What a run in several sense modes tells as it goes on is what its report says in the end.
func TestModeWatchOfARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &conformFlags{senseModes: []string{"3S", "30S"}, repeat: 1}
		f.target.register(newFlags("conform"))
		runs, err := f.senseModeRuns(servercases.All())
		if err != nil {
			t.Fatal(err)
		}
		w := newModeWatch(runs)
		started := time.Now()
		var early, later []live.Expiry
		time.AfterFunc(5*time.Second, func() { early = w.expiries(time.Now()) })
		time.AfterFunc(30*time.Second, func() { later = w.expiries(time.Now()) })
		err = server.RunSenseModes(t.Context(), runs, startInMemory(), suite.Options{Finished: func(f suite.Finished) { w.add(f, false) }})
		c, _ := f.senseModeReport(&app{}, runs, started, err)
		if len(early) != 6 || len(c.Expiries) != 6 {
			t.Fatalf("%d pairs, of which the report has %d", len(early), len(c.Expiries))
		}
		for i, e := range early {
			if !e.Begun || e.Measured() || e.SinceMs < 4000 {
				t.Errorf("after 5 s: %+v", e)
			}
			if measured := e.SenseMode == "3S"; later[i].Measured() != measured {
				t.Errorf("after 30 s: %+v", later[i])
			}
		}
		for i, e := range w.expiries(time.Now()) {
			if e.Done != e.Cases || !slices.Contains(c.Expiries, e.Expiry) {
				t.Errorf("in the end pair %d is %+v, and the report has %+v", i, e, c.Expiries)
			}
		}
	})
}
