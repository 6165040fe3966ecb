// Package browsertest starts Chromium for tests of pages, or skips them when it is not
// there. The race detector leaves it out, as the driver takes a minute to build with it.
package browsertest
