//go:build !race

package browser

import (
	"bytes"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"imcheck/reports"
	"imcheck/reports/diff"
	"imcheck/reports/index"
	"imcheck/reports/matrix"
)

// pages are the subject of the tests: the pages of four runs, of two of them in one
// folder, of their comparison, of an index, of a matrix, of a search for capacity and of a run under
// load.
var pages = []struct{ kind, file string }{
	{"passing", reports.HTMLFile}, {"failing", reports.HTMLFile}, {"load", reports.HTMLFile},
	{"both", reports.HTMLFile}, {"diff", diff.HTMLFile}, {"index", index.File},
	{"client", reports.HTMLFile}, {"matrix", matrix.File}, {"capacity", reports.HTMLFile},
	{"underload", reports.HTMLFile},
}

// kinds are the runs.
var kinds = []string{"passing", "failing", "load"}

// Every page, on every screen: nothing logged, nothing asked for, no sideways
// scrolling, and every text can be read on its ground.
func TestPages(t *testing.T) {
	for _, p := range pages {
		for _, v := range viewsOf(p.kind) {
			t.Run(p.kind+"/"+v.name, func(t *testing.T) {
				page := open(t, filepath.Join(run(t, p.kind), p.file), v)
				if got, want := eval[string](page, "document.querySelector('h1').innerText"), headline(t, p.kind); !strings.Contains(got, want) {
					t.Errorf("the headline %q does not say %s", got, want)
				}
				page.fits()
				page.readable()
				page.shoot(p.kind + "-" + v.name)
				page.quiet()
			})
		}
	}
}

// viewsOf returns all of them for the page that has the most to show. The others have the
// same style: light on a large screen, and dark on a small one.
func viewsOf(kind string) []view {
	if kind == "failing" {
		return views
	}
	return []view{desktop, phoneDark}
}

// headline returns a word that the headline of the page has to have.
func headline(t *testing.T, kind string) string {
	t.Helper()
	switch kind {
	case "diff":
		return "REGRESSED" // from the passing run to the failing one
	case "matrix":
		return "2 implementations"
	case "both":
		kind = "failing"
	case "index":
		kind = slices.MaxFunc(kinds, func(a, b string) int { return headerOf(t, a).Started.Compare(headerOf(t, b).Started) })
	}
	return strings.ToUpper(string(headerOf(t, kind).Outcome))
}

func headerOf(t *testing.T, kind string) reports.Header {
	t.Helper()
	bundle := reportOf(t, kind)
	if bundle.Load != nil {
		return bundle.Load.Header
	}
	if bundle.Capacity != nil {
		return bundle.Capacity.Header
	}
	return bundle.Conformance.Header
}

// fits fails the test when the page is wider than the screen.
func (p *tab) fits() {
	p.t.Helper()
	if over := eval[int](p, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); over > 0 {
		p.t.Errorf("the page is %d px wider than the screen; beyond it are %s", over, eval[string](p, beyond))
	}
}

// beyond names the innermost elements that stick out of the screen.
const beyond = `[...document.querySelectorAll('body *')].filter(e => !e.closest('svg') || e.tagName == 'svg')
	.filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && !e.closest('.scroll'))
	.slice(-5).map(e => e.tagName + '.' + e.className).join(', ')`

// readable fails the test when a visible text has less contrast than 4.5 to 1,
// what WCAG 2.2 asks for in 1.4.3.
func (p *tab) readable() {
	p.t.Helper()
	for _, faint := range eval[[]string](p, faintTexts) {
		p.t.Errorf("hard to read: %s", faint)
	}
}

const faintTexts = `(() => {
	const parse = text => (text.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
	const luminance = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const probe = document.body.appendChild(document.createElement('p'));
	probe.style.backgroundColor = 'Canvas'; // what is below everything, light or dark
	const page = parse(getComputedStyle(probe).backgroundColor);
	probe.remove();
	const grounds = new Map(); // of elements, as many have the same parents
	const ground = e => {
		if (!e) return page;
		if (!grounds.has(e)) {
			const c = parse(getComputedStyle(e).backgroundColor);
			grounds.set(e, c.length < 4 || c[3] > 0 ? c : ground(e.parentElement));
		}
		return grounds.get(e);
	};
	const found = new Set();
	for (const e of document.querySelectorAll('body *')) {
		const own = [...e.childNodes].some(n => n.nodeType == 3 && n.data.trim());
		if (!own || !e.getClientRects().length || ['SCRIPT', 'STYLE', 'TITLE', 'DESC'].includes(e.tagName.toUpperCase())) continue;
		const style = getComputedStyle(e);
		const inDrawing = e.closest('svg');
		const a = luminance(parse(inDrawing ? style.fill : style.color)), b = luminance(ground(e));
		const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (contrast < 4.5) found.add(e.tagName + '.' + (e.className.baseVal ?? e.className) + ' at ' + contrast.toFixed(1) + ': ' + e.textContent.slice(0, 30));
	}
	return [...found].slice(0, 10);
})()`

// shoot takes a picture of the whole page, shootScreen of what is on the screen.
func (p *tab) shoot(name string)       { p.t.Helper(); p.keep(name, chromedp.FullScreenshot(100)) }
func (p *tab) shootScreen(name string) { p.t.Helper(); p.keep(name, chromedp.CaptureScreenshot()) }

// keep takes a picture, and fails the test without one.
func (p *tab) keep(name string, shoot chromedp.Action[[]byte]) {
	p.t.Helper()
	ctx, cancel := p.limit()
	defer cancel()
	picture, err := chromedp.Run(ctx, shoot)
	if err != nil {
		p.t.Fatalf("taking a screenshot: %v", err)
	}
	size, err := png.DecodeConfig(bytes.NewReader(picture))
	if err != nil {
		p.t.Fatalf("the screenshot is no PNG: %v", err)
	}
	if int64(size.Width) < phone.width || size.Height < 300 {
		p.t.Errorf("the screenshot has %d × %d pixels", size.Width, size.Height)
	}
	if *screenshots == "" {
		return
	}
	if err := os.MkdirAll(*screenshots, 0o777); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*screenshots, name+".png"), picture, 0o666); err != nil {
		p.t.Fatal(err)
	}
}

// What the tests above look for is noticed when it is there.
func TestProblemsAreNoticed(t *testing.T) {
	tests := map[string]struct{ page, found string }{
		"an error":          {`<script>console.error("wrong")</script>`, "console"},
		"an exception":      {`<script>nothing.here()</script>`, "console"},
		"a refused picture": {`<meta http-equiv="Content-Security-Policy" content="default-src 'none'"><img src="data:image/png;base64,AAAA">`, "console"},
		"a request":         {`<img src="missing.png">`, "request"},
		"a wide page":       {`<div style="width:3000px">wide</div>`, "width"},
		"a faint text":      {`<p style="color:#999;background:#fff">faint</p>`, "contrast"},
		"nothing":           {`<p>fine</p>`, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "page.html")
			if err := os.WriteFile(file, []byte("<!DOCTYPE html><title>t</title><body>"+test.page), 0o666); err != nil {
				t.Fatal(err)
			}
			page := open(t, file, desktop)
			width := eval[int](page, "document.documentElement.scrollWidth - document.documentElement.clientWidth")
			faint := eval[[]string](page, faintTexts)
			page.mutex.Lock()
			defer page.mutex.Unlock()
			found := map[string]bool{"console": len(page.console) > 0, "request": len(page.requests) > 0, "width": width > 0, "contrast": len(faint) > 0}
			if test.found == "" && fmt.Sprint(found) != "map[console:false contrast:false request:false width:false]" || test.found != "" && !found[test.found] {
				t.Errorf("found %v: console %q, requests %q, %d px too wide, faint %q", found, page.console, page.requests, width, faint)
			}
		})
	}
}
