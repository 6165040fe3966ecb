//go:build !race

package browser

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"imcheck/harness/webguard"
	"imcheck/internal/browsertest"
	"imcheck/reports"
	"imcheck/reports/live"
)

var screenshots = flag.String("screenshots", "", "folder to keep the screenshots of the page in")

func TestMain(m *testing.M) {
	code := m.Run()
	browsertest.Stop()
	os.Exit(code)
}

// view is a way to look at a page.
type view struct {
	name  string
	width int64 // in pixels
	dark  bool
}

var views = []view{{"phone", 360, false}, {"desktop", 1280, false}, {"phone-dark", 360, true}, {"desktop-dark", 1280, true}}

// tab is the page of a board in a tab of its own.
type tab struct {
	*testing.T
	ctx    context.Context
	board  *live.Board
	server *httptest.Server

	mu       sync.Mutex
	gone     bool     // the server is, which the browser logs
	troubles []string // what the page logs, and what it asks of others
}

// open serves a board as the program does, and shows its page.
func open(t *testing.T, b *live.Board, v view) *tab {
	t.Helper()
	browser := browsertest.Start(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		webguard.SetPageHeaders(w.Header())
		b.Handler().ServeHTTP(w, r)
	}))
	ctx, closeTab := chromedp.NewContext(browser)
	p := &tab{T: t, ctx: ctx, board: b, server: server}
	t.Cleanup(p.leave)
	t.Cleanup(closeTab)
	if err := chromedp.Listen(ctx, p.note); err != nil {
		t.Fatalf("listening to the browser: %v", err)
	}
	scheme := "light"
	if v.dark {
		scheme = "dark"
	}
	p.first(chromedp.EmulateViewport(v.width, 900),
		call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}),
		chromedp.Navigate(server.URL))
	return p
}

// leave ends the server, as a process that has ended does.
func (p *tab) leave() {
	p.mu.Lock()
	p.gone = true
	p.mu.Unlock()
	p.board.Close()
	p.server.CloseClientConnections()
	p.server.Close()
}

// call returns a command to the browser, as a step.
func call[P, R any](command cdp.Command[P, R], parameters P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, command, parameters)
		return err
	})
}

// note keeps what a page should not do.
func (p *tab) note(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		p.troubles = append(p.troubles, "exception: "+e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		if !p.gone {
			p.troubles = append(p.troubles, "log: "+e.Entry.Text)
		}
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, p.server.URL) && !strings.HasPrefix(e.Request.URL, "data:") {
			p.troubles = append(p.troubles, "request: "+e.Request.URL)
		}
	}
}

// first does steps of which the first makes the tab, and must have no limit that would end it.
func (p *tab) first(steps ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	if err := chromedp.Do(p.ctx, steps...); err != nil {
		p.Fatal(err)
	}
}

// eval returns the value of an expression on the page.
func eval[T any](p *tab, expression string) T {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, browsertest.Patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.Fatalf("%s: %v", expression, err)
	}
	return value
}

// shows waits until an element has a text.
func (p *tab) shows(selector, text string) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, browsertest.Patience)
	defer cancel()
	expression := fmt.Sprintf("!!document.querySelector(%q)?.innerText.includes(%q)", selector, text)
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](expression)); err != nil {
		now, _ := chromedp.Run(p.ctx, chromedp.Text(chromedp.CSS("body")))
		p.Fatalf("%s does not show %q: %v; the page shows\n%s", selector, text, err, now)
	}
}

// fits wants the page to be no wider than its screen, and nothing on it to scroll sideways.
func (p *tab) fits(name string) {
	p.Helper()
	if wide := eval[int](p, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); wide > 0 {
		p.Errorf("%s: the page is %d pixels wider than its screen", name, wide)
	}
	outside := eval[[]string](p, `[...document.querySelectorAll('main *:not(.spoken)')].filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX !== 'visible' && getComputedStyle(e).clipPath === 'none').map(e => e.tagName + '.' + e.className)`)
	if len(outside) > 0 {
		p.Errorf("%s: these scroll sideways: %q", name, outside)
	}
	if *screenshots == "" {
		return
	}
	picture, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(*screenshots, name+".png"), picture, 0o644)
	}
	if err != nil {
		p.Error(err)
	}
}

// quiet wants the page to have caused no trouble.
func (p *tab) quiet() {
	p.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, trouble := range p.troubles {
		p.Error(trouble)
	}
}

// watched is a run that a page follows.
type watched struct {
	board   *live.Board
	history live.History
	load    live.Load
}

// second goes on by a second, in which so many errors happened.
func (w *watched) second(errors int64) {
	l := &w.load
	at := l.Second.AtMs/1000 + 1
	l.Second = reports.Sample{AtMs: at * 1000, Online: 980 + at%20, Sent: 1000 + 13*(at%7), Delivered: 998 + 11*(at%7), Errors: errors, P50Us: 300 + 7*at, P99Us: 1200 + 90*(at%11), LateP99Us: 80, GeneratorCPU: 0.3}
	l.Total.Sent, l.Total.Errors = l.Total.Sent+l.Second.Sent, l.Total.Errors+errors
	w.history.Add(l.Second)
	l.Timeline, l.Per = w.history.Samples()
	now := *l
	w.board.Update(func(s *live.State) {
		s.Title, s.Target, s.Phase, s.ElapsedMs, s.PlannedMs, s.Load = "Load, scenario steady", "udp 127.0.0.1:7901, tcp 127.0.0.1:8901", "steady", at*1000, 60_000, &now
	})
}

// newWatched returns a load that goes on for half a minute already; in a search and for expiries
// one that is about to begin.
func newWatched(name string) *watched {
	w := &watched{board: live.NewBoard("Load"), load: live.Load{Clients: 1000}}
	if name == "search" || name == "expiries" {
		return w
	}
	w.board.Latencies.Start(time.Time{})
	h := reports.NewHistogram()
	for i := range 1000 {
		reports.Record(h, time.Duration(300+i)*time.Microsecond)
	}
	for _, kind := range []reports.LatencyKind{reports.KindLogin, reports.KindHeartbeat, reports.KindC2CDelivery, reports.KindC2CAck} {
		_ = w.board.Latencies.Add(reports.Series{Kind: kind, Transport: "tcp", From: reports.FromDue}, time.Time{}, time.Time{}, h)
	}
	for range 30 {
		w.second(0)
	}
	return w
}

// runs are the runs that a page follows, by name.
var runs = map[string]func(p *tab, w *watched, name string){
	"passing":   followPassing,
	"failing":   followFailing,
	"search":    followSearch,
	"expiries":  followExpiries,
	"abandoned": followAbandoned,
}

// A page loads, is kept up to date, fits its screen, and asks nobody else for anything.
func TestLive(t *testing.T) {
	for _, name := range []string{"failing", "passing", "search", "expiries", "abandoned"} {
		t.Run(name, func(t *testing.T) {
			for _, v := range views {
				t.Run(v.name, func(t *testing.T) {
					w := newWatched(name)
					p := open(t, w.board, v)
					runs[name](p, w, name+"-"+v.name)
					p.quiet()
				})
			}
		})
	}
}

// followPassing: the page goes on with the run, has its verdict, and says when the process has
// ended.
func followPassing(p *tab, w *watched, name string) {
	p.shows("#headline", "steady")
	p.shows("#headline", "30.0 s of 1 min 0 s")
	w.second(0)
	p.shows("#headline", "31.0 s of 1 min 0 s")
	p.shows("#tables", "c2c delivery")
	if n := eval[int](p, "document.querySelectorAll('svg.plot').length"); n < 4 {
		p.Errorf("there are %d charts", n)
	}
	p.fits(name)
	w.board.Update(func(s *live.State) {
		s.Ended, s.Outcome, s.Summary, s.Reason = true, reports.OutcomePass, "1,000 clients, 31,000 messages sent, 0 lost, in 31.0 s", "every message arrived"
	})
	p.shows("#headline", "PASS")
	if title := eval[string](p, "document.title"); title != "PASS: Load, scenario steady" {
		p.Errorf("the title is %q", title)
	}
	p.leave()
	p.shows("#connection", "The process has ended.")
	p.shows("#headline", "every message arrived")
	if eval[bool](p, "!document.querySelector('#retry').hidden") {
		p.Error("it offers to ask a process that has ended")
	}
	p.fits(name + "-ended")
}

// followFailing: errors show at once, by cause, and the verdict says why.
func followFailing(p *tab, w *watched, name string) {
	p.shows(".tiles", "0 in the last second")
	w.load.Errors = []live.Count{{Cause: "session lost", Count: 40}, {Cause: "message lost", Count: 7}}
	w.load.Lost = []live.Count{{Cause: "connection reset", Count: 40}}
	w.load.Late = true
	w.second(47)
	p.shows(".tiles .bad", "47")
	p.shows("#tables", "message lost")
	p.shows("#tables", "connection reset")
	p.shows(".tiles .odd", "the figures are the generator's")
	p.fits(name)
	w.board.Update(func(s *live.State) {
		s.Ended, s.Outcome, s.Summary, s.Reason = true, reports.OutcomeFail, "1,000 clients, 31,000 messages sent, 7 lost, in 31.0 s", "40 sessions were lost, <b>most</b> of them by a reset"
	})
	p.shows("#headline .bad", "FAIL")
	p.shows("#headline", "<b>most</b>") // as text
	p.fits(name + "-ended")
}

// followSearch: the step that is under way, and those before.
func followSearch(p *tab, w *watched, name string) {
	for range 20 {
		w.second(0)
	}
	w.board.Update(func(s *live.State) {
		s.Title, s.Phase, s.PlannedMs = "Search for the most messages a second, scenario steady", "step 3, 4,000 messages a second", 0
		s.Search = &reports.Capacity{Unit: "messages a second"}
		for i, came := range []reports.Came{reports.CameHeld, reports.CameGaveWay} {
			load := float64(1000 * (i + 1))
			s.Search.Steps = append(s.Search.Steps, reports.CapacityStep{Number: i + 1, Load: load, Came: came, Offered: load, Achieved: load - 30, Latency: reports.KindC2CDelivery, P50Us: 100 * int64(load), P99Us: 300 * int64(load), P999Us: 400 * int64(load), LostMessages: int64(i)})
		}
	})
	p.shows("#headline", "step 3, 4,000 messages a second")
	p.shows("#tables", "gave way")
	p.fits(name)
}

// followExpiries: which sense modes are being measured, and what was seen.
func followExpiries(p *tab, w *watched, name string) {
	expiry := func(mode, transport string, nominal, seen float64, v reports.Verdict) live.Expiry {
		return live.Expiry{Expiry: reports.Expiry{SenseMode: mode, Transport: transport, Nominal: nominal, Earliest: seen, Latest: seen, Tolerance: 500, Verdict: v}, Begun: true, Cases: 4}
	}
	all := []live.Expiry{
		expiry("3S", "udp", 10_000, 10_007, reports.Pass), expiry("3S", "tcp", 10_000, 14_012, reports.Fail),
		expiry("10S", "udp", 21_000, 0, ""), expiry("60S", "ws", 120_000, 0, ""),
	}
	all[1].Bad, all[2].SinceMs = 1, 12_345
	all[3].Begun = false
	w.board.Update(func(s *live.State) {
		*s = live.State{Title: "Expiries by sense mode", Phase: "measuring", ElapsedMs: 15_000, Expiries: all}
	})
	p.shows("#tables", "10.007 s")
	p.shows("#tables", "+4.012 s")
	p.shows("#tables", "measuring for 12.3 s")
	p.shows("#tables .bad", "fail")
	p.shows("#tables", "waiting")
	p.fits(name)
}

// followAbandoned: a process that is gone without an end is asked a few times more, and again when
// somebody wants that.
func followAbandoned(p *tab, w *watched, name string) {
	p.shows("#headline", "30.0 s")
	p.leave()
	p.shows("#connection", "The process does not answer any more")
	p.shows("#headline", "30.0 s")
	if !eval[bool](p, "document.title.startsWith('over: ') && document.querySelector('#retry button').offsetHeight > 30") {
		p.Error("the tab does not say that it is over, or nothing can be asked again")
	}
	p.fits(name)
}
