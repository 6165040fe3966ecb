package reporttest

import (
	"crypto/sha256"
	"encoding/base64"
	"html"
	"io"
	"regexp"
	"strings"
	"testing"
)

var (
	style  = regexp.MustCompile(`(?s)<style>\n.*?</style>`)
	script = regexp.MustCompile(`(?s)<script>(.*?)</script>`)
)

// drawing is a chart; the package chart has golden files of its own.
var drawing = regexp.MustCompile(`(?s)<svg.*?</svg>`)

// scriptSource changes with the script.
var scriptSource = regexp.MustCompile(`'sha256-[^']*'`)

// Bare returns a page without the parts that are the same on all pages, and without its
// drawings.
func Bare(html []byte) []byte {
	html = style.ReplaceAll(html, []byte("<style>\n</style>"))
	html = script.ReplaceAll(html, []byte("<script></script>"))
	html = scriptSource.ReplaceAll(html, nil)
	return drawing.ReplaceAll(html, []byte("<svg></svg>"))
}

// data is an attribute that a script reads and a browser does not; a quote in
// its value would be an escape.
var data = regexp.MustCompile(` data-\w+="[^"]*"`)

var (
	htmlTag = regexp.MustCompile(`<[!/a-zA-Z][^>]*>`)
	// loaded matches what would make a browser fetch or run something.
	loaded = regexp.MustCompile(`(?i)<(script|img|link|iframe|object|embed|base|form)|\s(src|on\w+|action)\s*=|@import|url\(|javascript:|(href)="(https?:)?//`)
)

// withoutScript takes the page's own script off, which has to be there once: it
// is the only one that the policy of the page lets run.
func withoutScript(t *testing.T, page string) string {
	t.Helper()
	found := script.FindAllStringSubmatch(page, -1)
	if len(found) != 1 {
		t.Fatalf("the page has %d scripts", len(found))
	}
	sum := sha256.Sum256([]byte(found[0][1]))
	if policy := "script-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(html.UnescapeString(page), policy) { // a hash may have a plus
		t.Errorf("the policy of the page does not name its script, by %s", policy)
	}
	return script.ReplaceAllString(page, "")
}

// PageEscapes checks that a page has no element and no attribute that came from a
// hostile text, and returns it without its script.
func PageEscapes(t *testing.T, write func(io.Writer) error) string {
	t.Helper()
	got := withoutScript(t, string(Rendered(t, write)))
	for _, tag := range htmlTag.FindAllString(got, -1) {
		if hit := loaded.FindString(data.ReplaceAllString(tag, "")); hit != "" {
			t.Errorf("the page has %q in %.200s", hit, tag)
		}
	}
	if n := strings.Count(got, "</style>"); n != 1 {
		t.Errorf("the style ends %d times", n)
	}
	if !strings.Contains(got, "&lt;script&gt;") {
		t.Error("the hostile text is nowhere on the page: the test shows nothing")
	}
	return got
}

// PageHidesControls checks that a page shows control characters as escapes.
func PageHidesControls(t *testing.T, page string) {
	t.Helper()
	if strings.ContainsAny(page, "\x1b\x00\u202e") {
		t.Error("the page has a character that cannot be seen")
	}
	if !strings.Contains(page, `\x1b`) {
		t.Error("the hostile text is nowhere on the page: the test shows nothing")
	}
}

// PageLoadsNothing checks that a page makes a browser fetch nothing.
func PageLoadsNothing(t *testing.T, write func(io.Writer) error) {
	t.Helper()
	if hit := loaded.FindString(withoutScript(t, string(Rendered(t, write)))); hit != "" {
		t.Errorf("the page has %q", hit)
	}
}

// Href matches a link of a page; its first group is the address.
var Href = regexp.MustCompile(`href="([^"]*)"`)
