//go:build !race

package browser

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"imcheck/internal/browsertest"
	"imcheck/protocol/timing"
	"imcheck/reference-server/reference"
)

var screenshots = flag.String("screenshots", "", "folder to keep the screenshots of the console in")

func TestMain(m *testing.M) {
	code := m.Run()
	browsertest.Stop()
	os.Exit(code)
}

// page is a console in a tab of its own.
type page struct {
	*testing.T
	ctx    context.Context
	server *reference.Server

	mu       sync.Mutex
	troubles []string // what it logs, and what it asks of others
}

// open starts a server and shows its console on a screen of a width, in pixels.
func open(t *testing.T, width int64) *page {
	t.Helper()
	browser := browsertest.Start(t)
	s, err := reference.Start(reference.Config{
		Addresses: reference.Loopback(), Control: "127.0.0.1:0", Version: "test",
		Modes: timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	ctx, closeTab := chromedp.NewContext(browser)
	t.Cleanup(closeTab)
	p := &page{T: t, ctx: ctx, server: s}
	if err := chromedp.Listen(ctx, p.note); err != nil {
		t.Fatalf("listening to the browser: %v", err)
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 900), chromedp.Navigate(s.ConsoleURL())); err != nil {
		t.Fatalf("opening the console: %v", err)
	}
	return p
}

// note keeps what a page should not do.
func (p *page) note(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		p.troubles = append(p.troubles, "exception: "+e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		p.troubles = append(p.troubles, "log: "+e.Entry.Text)
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, p.server.ConsoleURL()) && !strings.HasPrefix(e.Request.URL, "data:") {
			p.troubles = append(p.troubles, "request: "+e.Request.URL)
		}
	}
}

func (p *page) do(steps ...chromedp.Action[chromedp.Void]) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, browsertest.Patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.Fatal(err)
	}
}

// fill types into the fields of a form, and presses its button.
func (p *page) fill(form string, fields ...string) {
	p.Helper()
	for i := 0; i < len(fields); i += 2 {
		selector := fmt.Sprintf("#%s [name=%s]", form, fields[i])
		if _, err := chromedp.Run(p.ctx, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%q).value = ''", selector))); err != nil {
			p.Fatal(err)
		}
		p.do(chromedp.SendKeys(chromedp.CSS(selector), fields[i+1]))
	}
	p.do(chromedp.Click(chromedp.CSS("#" + form + " button:not([type=button])")))
}

// shows waits until an element has a text.
func (p *page) shows(selector, text string) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, browsertest.Patience)
	defer cancel()
	expression := fmt.Sprintf("!!document.querySelector(%q)?.innerText.includes(%q)", selector, text)
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](expression)); err != nil {
		now, _ := chromedp.Run(p.ctx, chromedp.Text(chromedp.CSS("body")))
		p.Fatalf("%s does not show %q: %v; the page shows\n%s", selector, text, err, now)
	}
}

// choose picks an entry of a list.
func (p *page) choose(selector, value string) {
	p.Helper()
	p.do(chromedp.SetValue(chromedp.CSS(selector), value))
}

// end wants the page to fit its screen, and to have caused no trouble.
func (p *page) end(name string) {
	p.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, browsertest.Patience)
	defer cancel()
	wide, err := chromedp.Run(ctx, chromedp.Evaluate[int]("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
	if err != nil || wide > 0 {
		p.Errorf("the page is %d pixels wider than its screen, %v", wide, err)
	}
	if *screenshots != "" {
		picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		if err == nil {
			err = os.WriteFile(filepath.Join(*screenshots, name+".png"), picture, 0o644)
		}
		if err != nil {
			p.Error(err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, trouble := range p.troubles {
		p.Error(trouble)
	}
}

// What a person does: logs two users in, sends, sees it arrive, kicks one, sees why it ended.
func TestConsole(t *testing.T) {
	for _, width := range []int64{1200, 390} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			p := open(t, width)
			p.shows("#server", "sense mode 3S")
			p.fill("login", "username", "alice", "password", "secret")
			p.shows("#done", "alice is logged in")
			p.choose("#login [name=transport]", "udp")
			p.fill("login", "username", "bob", "password", "secret")
			p.shows("[data-user=bob] h3", "bob on udp: online")
			p.shows("#sessions-title", "Who is online (2)")
			p.shows("#sessions", "alice")

			p.choose("#send [name=username]", "alice")
			const markup = "<b>hi</b> & goodbye"
			p.fill("send", "friendId", "bob", "msg", markup)
			p.shows("[data-user=bob]", "received from alice: "+markup)
			p.shows("[data-user=alice]", "ACK for the message to bob")
			p.shows("#events tr[data-event=c2c]", "alice → bob: "+markup)

			p.fill("push", "to", "alice", "dataContent", "news")
			p.shows("[data-user=alice]", "received from 0: news")

			p.do(chromedp.Click(chromedp.CSS("[aria-label='Choose bob']")))
			p.fill("kick", "code", "7", "reason", "enough for today")
			p.shows("#done", "Kicked bob")
			p.shows("[data-user=bob]", "kicked out with code 7: enough for today")
			p.shows("[data-user=bob] h3", "bob on udp: over")
			p.shows("#events tr[data-event=logout]", "kicked with code 7")
			p.shows("#sessions-title", "Who is online (1)")
			p.end(fmt.Sprint("console-", width))
		})
	}
}

// A login that is refused says so, and nobody who is looked for in vain is found.
func TestRefused(t *testing.T) {
	p := open(t, 1200)
	p.fill("login", "username", "eve", "password", "code:1025")
	p.shows("#done", "refused it with code 1025")
	p.fill("find", "user", "nobody")
	p.shows("#sessions-title", "Who is online (0)")
	p.fill("kick", "user", "nobody")
	p.shows("#done", `user "nobody" is not online`)
}
