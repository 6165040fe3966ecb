//go:build !race

package browser

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"imcheck/reports"
)

// policies are what Jenkins sends with artifacts, in newer and in older versions: no script,
// and neither a style in the page nor one in an attribute.
var policies = map[string]string{
	"jenkins":      "sandbox allow-same-origin; default-src 'none'; img-src 'self'; style-src 'self';",
	"jenkins, old": "sandbox; default-src 'none'; img-src 'self'; style-src 'self';",
}

// served makes the runs available with a policy, and returns the address.
func served(t *testing.T, policy string) string {
	t.Helper()
	files := http.FileServer(http.Dir(filepath.Dir(run(t, "load"))))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		files.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/"
}

// Under a policy that forbids styles and scripts a page says all that it says elsewhere,
// and its charts are charts.
func TestPagesWithoutStyle(t *testing.T) {
	for name, policy := range policies {
		address := served(t, policy)
		for _, p := range pages {
			for _, v := range []view{desktop, phoneDark} {
				if p.kind != "load" && (v == phoneDark || policy != policies["jenkins"]) {
					continue // the charts have the most to lose
				}
				t.Run(name+"/"+p.kind+"/"+v.name, func(t *testing.T) {
					page := openAddress(t, address+p.kind+"/"+p.file, v)
					page.unstyled()
					if *screenshots != "" {
						page.shoot(strings.ReplaceAll(name, ", ", "-") + "-" + p.kind + "-" + v.name)
					}
				})
			}
		}
	}
}

// unstyled fails the test when the page needs a style or a script.
func (p *tab) unstyled() {
	p.t.Helper()
	if n := eval[int](p, "document.styleSheets.length"); n > 0 {
		p.t.Fatalf("%d styles apply: the policy is not what it is to be", n)
	}
	for _, wrong := range eval[[]string](p, misdrawn) {
		p.t.Errorf("a drawing: %s", wrong)
	}
	p.readable()
	if joined := eval[[]string](p, joinedTexts); len(joined) > 0 {
		p.t.Errorf("texts that nothing sets apart: %q", joined)
	}
}

// misdrawn is an expression: what of the drawings is not as it is with a style.
const misdrawn = `(() => {
	const found = new Set();
	for (const svg of document.querySelectorAll('svg')) {
		if (!svg.checkVisibility()) continue;
		const box = svg.getBoundingClientRect(), kind = svg.getAttribute('class');
		if (box.width < 10 || box.height < 8 || box.height > 300) found.add(kind + ' of ' + box.width + ' by ' + box.height + ' px');
		if (kind == 'plot' && box.right > innerWidth) found.add('a plot that sticks out of the screen');
		for (const path of svg.querySelectorAll('path, rect')) {
			const style = getComputedStyle(path), painted = [style.fill, style.stroke].filter(c => c != 'none');
			if (!painted.length || painted.includes('rgb(0, 0, 0)')) found.add(kind + ': painted ' + painted);
		}
		const text = svg.querySelector('text');
		if (text && getComputedStyle(text).fill != getComputedStyle(document.body).color) found.add(kind + ': text in another colour');
		if (text && parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a < 8) found.add(kind + ': a text of less than 8 px');
	}
	return [...found].slice(0, 10);
})()`

// joinedTexts is an expression: pairs of texts of elements side by side without anything
// between them.
const joinedTexts = `[...document.querySelectorAll('main :is(span, small, strong, time, b, a)')].filter(e => e.checkVisibility() && !e.closest('svg'))
	.filter(e => {
		const next = e.nextSibling;
		if (next?.nodeType != 1 || !next.matches('span, small, strong, time, b, a')) return false;
		return /\S$/.test(e.textContent) && /^[^\s:;,.)]/.test(next.textContent);
	}).map(e => e.textContent.slice(-20) + '|' + e.nextSibling.textContent.slice(0, 20)).slice(0, 10)`

// A page of both kinds of report says both verdicts before anything else.
func TestBothVerdicts(t *testing.T) {
	for _, v := range []view{desktop, phone} {
		page := open(t, filepath.Join(run(t, "both"), reports.HTMLFile), v)
		shown := eval[[]string](page, `[...document.querySelectorAll('.verdicts li')].filter(e => e.getBoundingClientRect().bottom < innerHeight / 3).map(e => e.innerText)`)
		want := []string{headline(t, "failing"), headline(t, "load")}
		if len(shown) != 2 || !strings.Contains(shown[0], want[0]) || !strings.Contains(shown[1], want[1]) {
			t.Errorf("%s: at the top are %q, want %q", v.name, shown, want)
		}
	}
}
