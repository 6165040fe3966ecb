//go:build !race

package browser

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// A case leads to the requirements that it covers, in a list that was closed; where
// no script may run the browser itself opens it.
func TestRequirementOpens(t *testing.T) {
	const (
		passed      = `details.row[data-case="login/accepted"]`
		requirement = "#requirement-login-accepted"
	)
	for _, v := range []view{desktop, phone, {name: "no-script", width: 1280, height: 900, noScript: true}} {
		t.Run(v.name, func(t *testing.T) {
			page := failingPage(t, v)
			eval[bool](page, `[...document.querySelectorAll("details.section")].every(list => { list.open = false; return true })`)
			if eval[bool](page, visible(requirement)) {
				t.Fatal("the requirement is shown before anything is clicked")
			}
			page.do(chromedp.Click(chromedp.CSS(passed+" summary")), chromedp.WaitVisible(chromedp.CSS(passed+" .covers")),
				chromedp.Click(chromedp.CSS(passed+` .covers a[href="`+requirement+`"]`)), chromedp.WaitVisible(chromedp.CSS(requirement)))
			place := eval[[]float64](page, `(place => [place.top, place.bottom, innerHeight])(document.querySelector("`+requirement+`").getBoundingClientRect())`)
			if place[0] < 0 || place[1] > place[2] {
				t.Errorf("the requirement is at %v to %v px of a screen of %v", place[0], place[1], place[2])
			}
			page.fits()
			page.readable()
			page.shootScreen("requirement-" + v.name)
			page.quiet()
		})
	}
}
