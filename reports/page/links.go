package page

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"imcheck/reports"
)

// Link returns a link from a page in one folder to the page of the run in another: a
// relative one, so that both can be moved together. It is "" when the run has no
// page, and when no relative path leads there.
func Link(from, run string) string {
	page := filepath.Join(run, reports.HTMLFile)
	if there, err := os.Stat(page); err != nil || !there.Mode().IsRegular() {
		return ""
	}
	return relativeLink(from, page)
}

// isWebLink reports whether a text that a target or a user gave may be a link: a page of
// the web, and no script.
func isWebLink(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// relativeLink returns the link from a page in a folder to a file; "" when there is none.
func relativeLink(from, file string) string {
	base, baseErr := filepath.Abs(from)
	target, targetErr := filepath.Abs(file)
	if baseErr != nil || targetErr != nil {
		return ""
	}
	relative, err := filepath.Rel(base, target)
	if err != nil {
		return "" // on another disk
	}
	path := (&url.URL{Path: filepath.ToSlash(relative)}).EscapedPath()
	if strings.HasPrefix(path, "../") {
		return path
	}
	return "./" + path // so that a colon makes no scheme
}
