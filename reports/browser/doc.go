// Package browser tests the pages of reports in a real browser. It has
// tests only: they need Chromium, and say so when it is not there. The race
// detector leaves them out, as the driver takes a minute to build with it.
package browser
