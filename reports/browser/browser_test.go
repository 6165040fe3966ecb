//go:build !race

package browser

import (
	"context"
	"flag"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"imcheck/cli"
	"imcheck/internal/browsertest"
)

var screenshots = flag.String("screenshots", "", "folder to keep the screenshots of the pages in")

// TestBrowser reports whether there is one: go test shows what was skipped only with
// -v, with which make test runs this test alone.
func TestBrowser(t *testing.T) {
	browsertest.Start(t)
	t.Logf("the pages are held against %s", browsertest.Executable())
}

// driverVariable makes this program the driver of a client that misbehaves.
const driverVariable = "BROWSER_TEST_DRIVER"

func TestMain(m *testing.M) {
	if os.Getenv(driverVariable) != "" {
		os.Exit(cli.Main([]string{"drive", "--fault", "ack-without-bridge", "--fault", "content-trimmed"}, os.Stdin, os.Stdout, os.Stderr))
	}
	flag.Parse()
	os.Unsetenv("GITHUB_ACTIONS")
	os.Unsetenv("GITHUB_STEP_SUMMARY") // the runs below are not what a workflow is about
	code := m.Run()
	browsertest.Stop()
	os.RemoveAll(runsFolder)
	os.Exit(code)
}

// view is a way to look at a page.
type view struct {
	name          string
	width, height int64
	dark          bool
	noScript      bool
	print         bool
}

var (
	desktop = view{name: "desktop", width: 1280, height: 900}
	phone   = view{name: "phone", width: 390, height: 844}
	views   = []view{desktop, phone, desktopDark, phoneDark}

	desktopDark = view{name: "desktop-dark", width: 1280, height: 900, dark: true}
	phoneDark   = view{name: "phone-dark", width: 390, height: 844, dark: true}
)

// tab is one page in a tab of its own.
type tab struct {
	t   *testing.T
	ctx context.Context

	mutex    sync.Mutex
	console  []string // the page's log, and the refusals of its policy
	requests []string // but for the page itself
}

// open shows a file. What the page logs and asks for is noted from the start.
func open(t *testing.T, path string, v view) *tab {
	t.Helper()
	return openAddress(t, (&url.URL{Scheme: "file", Path: filepath.ToSlash(path)}).String(), v)
}

// openAddress shows what is at an address.
func openAddress(t *testing.T, address string, v view) *tab {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(browsertest.Start(t))
	t.Cleanup(closeTab)
	page := &tab{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, func(event any) { page.note(event, address) }); err != nil {
		t.Fatalf("listening to the browser: %v", err)
	}
	page.look(v)
	page.do(chromedp.Navigate(address))
	return page
}

// look sets up the screen.
func (p *tab) look(v view) {
	p.t.Helper()
	scheme, media := "light", ""
	if v.dark {
		scheme = "dark"
	}
	if v.print {
		media = "print"
	}
	p.do(chromedp.EmulateViewport(v.width, v.height),
		call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Media: media, Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		}),
		call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: v.noScript}))
}

// call returns a command to the browser, as a step.
func call[P, R any](command cdp.Command[P, R], parameters P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, command, parameters)
		return err
	})
}

func (p *tab) note(event any, page string) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		for _, argument := range e.Args {
			p.console = append(p.console, string(e.Type)+": "+string(argument.Value)+argument.Description)
		}
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if thrown := e.ExceptionDetails.Exception; thrown != nil {
			text += " " + thrown.Description
		}
		p.console = append(p.console, "exception: "+text)
	case *log.EventEntryAdded:
		p.console = append(p.console, string(e.Entry.Level)+": "+e.Entry.Text)
	case *network.EventRequestWillBeSent:
		if e.Request.URL != page {
			p.requests = append(p.requests, e.Request.URL)
		}
	}
}

// quiet fails the test when the page has logged or asked for anything.
func (p *tab) quiet() {
	p.t.Helper()
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, line := range p.console {
		p.t.Errorf("the console says %s", line)
	}
	for _, address := range p.requests {
		p.t.Errorf("the page asks for %s", address)
	}
}

func (p *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := p.limit()
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// limit returns the tab's context for one step. The first step of a tab makes it,
// and must have no limit that would end it.
func (p *tab) limit() (context.Context, context.CancelFunc) {
	return context.WithTimeout(p.ctx, browsertest.Patience)
}

// eval returns the value of an expression on the page.
func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	ctx, cancel := p.limit()
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return value
}
