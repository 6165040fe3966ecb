// Package reports is what a run leaves behind, as data: the models of a
// conformance run and of a load run, and the files that hold them. They are JSON
// with a version, histograms and histogram logs, and CSV.
//
// The renderings are packages below: each goes from a model to an io.Writer and
// reads nothing else, so that a report can be rendered again from its file alone.
package reports
