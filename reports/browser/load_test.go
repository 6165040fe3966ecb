//go:build !race

package browser

import (
	"path/filepath"
	"strings"
	"testing"

	"imcheck/reports"
)

// The page of a load has its charts at a size that can be read, and says which
// threshold was crossed.
func TestLoadPage(t *testing.T) {
	for _, v := range []view{desktop, phone} {
		t.Run(v.name, func(t *testing.T) {
			page := open(t, filepath.Join(run(t, "load"), reports.HTMLFile), v)
			if n := eval[int](page, "[...document.querySelectorAll('figure svg')].filter(e => e.checkVisibility() && e.getBoundingClientRect().height > 60).length"); n < 4 {
				t.Errorf("%d charts", n)
			}
			if small := eval[[]string](page, smallTexts); len(small) > 0 {
				t.Errorf("texts in charts that are smaller than 8 px: %v", small)
			}
			text := eval[string](page, "document.querySelector('main').innerText")
			for _, part := range []string{"c2c_delivery.p99<1us", "ledger.lost==0", "crossed", "held"} {
				if !strings.Contains(text, part) {
					t.Errorf("the page does not say %q", part)
				}
			}
			page.quiet()
		})
	}
}

// smallTexts is an expression: texts of drawings that come out too small.
const smallTexts = `[...document.querySelectorAll('svg text')].filter(e => e.checkVisibility() && e.getBoundingClientRect().width > 0)
	.map(e => [e.textContent, parseFloat(getComputedStyle(e).fontSize) * e.getScreenCTM().a]).filter(([, px]) => px < 8).map(([text, px]) => text + ': ' + px.toFixed(1) + ' px').slice(0, 10)`
