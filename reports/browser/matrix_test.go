//go:build !race

package browser

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"imcheck/reports/matrix"
)

// A cell of the matrix leads to its case on the page of the run, which shows the evidence.
func TestMatrixLeadsToEvidence(t *testing.T) {
	const cell = `#requirement-trailing-text td a[href*="failing/report.html#"]`
	for _, v := range []view{desktop, phone} {
		t.Run(v.name, func(t *testing.T) {
			page := open(t, filepath.Join(run(t, "matrix"), matrix.File), v)
			page.fits()
			page.readable()
			page.quiet()
			page.do(chromedp.Click(chromedp.CSS("#show-look")))
			if eval[bool](page, visible("tr.fine")) || !eval[bool](page, visible("tr.look")) {
				t.Error("the choice of what to look at does not leave just that")
			}
			page.fits()
			page.shootScreen("matrix-look-" + v.name)
			page.do(chromedp.Click(chromedp.CSS(cell)), chromedp.WaitVisible(chromedp.CSS("details.row[open] .case")))
			if got := eval[string](page, "document.querySelector('details.row[open] .case').innerText"); !strings.Contains(got, "Expected") {
				t.Errorf("the cell does not lead to the evidence, but to %q", got)
			}
		})
	}
}

// The page of a client says what the client did: its events, and what it sent.
func TestClientPage(t *testing.T) {
	for _, v := range []view{desktop, phone} {
		t.Run(v.name, func(t *testing.T) {
			page := open(t, filepath.Join(run(t, "client"), "report.html"), v)
			text := eval[string](page, "document.querySelector('main').innerText")
			for _, part := range []string{"Conformance of imcheck client", "ACK with another bridge", "the event message", "client-ack-bridge", "--role client"} {
				if !strings.Contains(text, part) {
					t.Errorf("the page does not say %q", part)
				}
			}
			const failed = `details.row[data-case="qos/ack-bridge"]`
			page.do(chromedp.Click(chromedp.CSS(failed+" summary")), chromedp.WaitVisible(chromedp.CSS(failed+" p.received")))
			if got := eval[string](page, "document.querySelector('"+failed+" .case').innerText"); !strings.Contains(got, "driver") {
				t.Errorf("the transcript has no line of the driver: %q", got)
			}
			page.fits()
			page.readable()
			page.shoot("client-open-" + v.name)
			page.quiet()
		})
	}
}
