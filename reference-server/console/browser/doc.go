// Package browser tests the console in a real browser. It has tests only: they need Chromium,
// and say so when it is not there.
package browser
