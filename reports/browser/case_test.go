//go:build !race

package browser

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"imcheck/reports"
)

// failed is the row of a case that the faulty server fails.
const failed = `details.row[data-case="message/trailing-text"]`

func failingPage(t *testing.T, v view) *tab {
	t.Helper()
	return open(t, filepath.Join(run(t, "failing"), reports.HTMLFile), v)
}

// A case opens to what was expected, what came instead, and both sides of its
// transcript.
func TestCaseOpens(t *testing.T) {
	for _, v := range []view{desktop, phone, desktopDark} {
		t.Run(v.name, func(t *testing.T) {
			page := failingPage(t, v)
			if shown := eval[bool](page, visible(failed+" .case")); shown {
				t.Fatal("the case is open before it is clicked")
			}
			page.do(chromedp.Click(chromedp.CSS(failed+" summary")), chromedp.WaitVisible(chromedp.CSS(failed+" .case")))
			text := eval[string](page, "document.querySelector('"+failed+" .case').innerText")
			for _, part := range []string{"Expected", "Actual", "Run again", "Text after the object"} {
				if !strings.Contains(text, part) {
					t.Errorf("the open case does not say %q", part)
				}
			}
			page.do(chromedp.WaitVisible(chromedp.CSS(failed + " p.received")))
			if !eval[bool](page, visible(failed+" p.sent")) {
				t.Error("the transcript does not show what was sent")
			}
			sides := eval[[]float64](page, `["p.sent", "p.received"].map(s => document.querySelector('`+failed+` ' + s + ' > :last-child > :first-child').getBoundingClientRect().left)`)
			if sides[0] >= sides[1] {
				t.Errorf("what was sent begins at %v px, what was received at %v px: they are not told apart", sides[0], sides[1])
			}
			page.fits()
			page.readable()
			page.do(chromedp.ScrollIntoView(chromedp.CSS(failed)))
			page.shootScreen("case-" + v.name)
			page.quiet()
		})
	}
}

// The transcript of a case that passed is there too, and stays closed until it
// is asked for.
func TestTranscriptOpens(t *testing.T) {
	const passed = `details.row[data-case="login/accepted"]`
	page := failingPage(t, desktop)
	page.do(chromedp.Click(chromedp.CSS(passed+" summary")), chromedp.WaitVisible(chromedp.CSS(passed+" details.transcript")))
	if eval[bool](page, visible(passed+" p.sent")) {
		t.Error("the transcript is open before it is clicked")
	}
	page.do(chromedp.Click(chromedp.CSS(passed+" details.transcript summary")), chromedp.WaitVisible(chromedp.CSS(passed+" p.received")))
	page.fits()
	page.quiet()
}

// visible returns an expression that is true when the first match of a selector is shown.
func visible(selector string) string {
	return "(e => !!e && e.checkVisibility() && e.getClientRects().length > 0)(document.querySelector('" + selector + "'))"
}

// shownCases is an expression: the rows of the matrix that can be seen.
const shownCases = `[...document.querySelectorAll('details.row')].filter(e => e.checkVisibility()).map(e => e.dataset.case)`

// casesOf returns which cases of the failing run a filter has to leave.
func casesOf(t *testing.T, keep func(reports.Result) bool) []string {
	t.Helper()
	var names []string
	for _, r := range reportOf(t, "failing").Conformance.Results {
		if keep(r) && !slices.Contains(names, r.Case) {
			names = append(names, r.Case)
		}
	}
	slices.Sort(names)
	return names
}

// Each filter leaves the cases that the report says, and a link keeps it.
func TestFilters(t *testing.T) {
	tests := []struct {
		name, control, value, fragment string
		keep                           func(reports.Result) bool
	}{
		{"verdict", "#filter-verdict", "fail", "verdict=fail", func(r reports.Result) bool { return r.Verdict == reports.Fail }},
		{"area", "#filter-area", "login", "area=login", func(r reports.Result) bool { return r.Area() == "login" }},
		{"level", "#filter-level", "SHOULD", "level=SHOULD", func(r reports.Result) bool { return r.Level == reports.Should }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := casesOf(t, test.keep)
			all := casesOf(t, func(reports.Result) bool { return true })
			if len(want) == 0 || len(want) == len(all) {
				t.Fatalf("the filter would leave %d of %d cases: the test shows nothing", len(want), len(all))
			}
			page := failingPage(t, desktop)
			page.do(chromedp.SetValue(chromedp.CSS(test.control), test.value),
				chromedp.Evaluate[chromedp.Void]("document.querySelector('"+test.control+"').dispatchEvent(new Event('input', {bubbles: true}))"))
			page.shows(want)
			if got := eval[string](page, "location.hash"); got != "#"+test.fragment {
				t.Errorf("the address ends with %q", got)
			}
			page.do(chromedp.Reload())
			page.shows(want)
			page.do(chromedp.Click(chromedp.CSS("#filter-reset")))
			page.shows(all)
			page.quiet()
		})
	}
}

// A text that is typed filters as well, and one that nothing has says so.
func TestFilterByText(t *testing.T) {
	page := failingPage(t, desktop)
	page.do(chromedp.SendKeys(chromedp.CSS("#filter-text"), "Trailing-T"))
	page.shows([]string{"message/trailing-text"})
	page.do(chromedp.SendKeys(chromedp.CSS("#filter-text"), "nonesuch"))
	page.shows(nil)
	if !eval[bool](page, visible("#filter-none")) {
		t.Error("nothing says that no case is left")
	}
	page.quiet()
}

// The number of failures leads to them.
func TestVerdictChip(t *testing.T) {
	page := failingPage(t, phone)
	page.do(chromedp.Click(chromedp.CSS(`a[data-verdict="fail"]`)))
	page.shows(casesOf(t, func(r reports.Result) bool { return r.Verdict == reports.Fail }))
	page.fits()
	page.quiet()
}

// shows fails the test unless these cases are in the matrix, in any order.
func (p *tab) shows(want []string) {
	p.t.Helper()
	got := eval[[]string](p, shownCases)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		p.t.Errorf("the matrix shows %v, want %v", got, want)
	}
}

// Without scripts the page has all but the filter, and opens cases as well.
func TestWithoutScript(t *testing.T) {
	page := failingPage(t, view{width: 1280, height: 900, noScript: true})
	page.shows(casesOf(t, func(reports.Result) bool { return true }))
	if eval[bool](page, visible("#filter")) {
		t.Error("the filter is there although it cannot do anything")
	}
	page.do(chromedp.Click(chromedp.CSS(failed+" summary")), chromedp.WaitVisible(chromedp.CSS(failed+" .case")))
	page.quiet()
}

// On paper what failed is open: nobody can click there.
func TestPrint(t *testing.T) {
	page := failingPage(t, view{width: 794, height: 1123, print: true})
	if !eval[bool](page, visible(failed+" .case")) {
		t.Error("the failed case is closed on paper")
	}
	if eval[bool](page, visible("#filter")) {
		t.Error("the filter is on paper")
	}
	page.shoot("failing-print")
	page.quiet()
}
