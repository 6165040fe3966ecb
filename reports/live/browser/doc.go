// Package browser tests the live page in Chromium: that it follows a run, fits its screen, asks
// nobody else for anything, and says when the process is gone.
package browser
