//go:build !race

package browsertest

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Patience bounds one step of a browser on a machine that is busy with other tests; a step
// takes well under a second otherwise.
const Patience = 60 * time.Second

// names are Chromium's on the systems that have it; the one without windows is the quickest.
var names = []string{"chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome", "headless-shell"}

// Executable returns the path of Chromium, "" when it is not installed.
func Executable() string {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// Start starts Chromium once for all tests of a package, or skips the test when it is not
// installed. TestMain has to call Stop.
func Start(t *testing.T) context.Context {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes too long for -short")
	}
	if Executable() == "" {
		t.Skipf("no browser: install Chromium (looked for %v)", names)
	}
	ctx, err := started()
	if err != nil {
		t.Fatalf("starting Chromium: %v", err)
	}
	return ctx
}

// Stop ends Chromium, if it was started.
func Stop() { stop() }

var stop = func() {}

var started = sync.OnceValues(func() (context.Context, error) {
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(Executable()), chromedp.DisableGPU, chromedp.WSURLReadTimeout(Patience),
		chromedp.Flag("hide-scrollbars", true))
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox) // Chromium refuses to run as root with one
	}
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(allocator)
	stop = func() { cancel(); stopAllocator() }
	return ctx, chromedp.Do(ctx)
})
