// Package reports is what a run leaves behind: the models of a conformance run,
// of a load run and of a comparison of two runs as versioned JSON, and their
// renderings as text, HTML, Markdown and JUnit. A rendering goes from a model to
// an io.Writer and reads nothing else, so that a report can be rendered again
// from its file alone.
package reports
