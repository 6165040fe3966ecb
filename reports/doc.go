// Package reports has the results of a run as data: the models of a conformance run
// and of a load run, and their files, which are JSON with a version, histograms,
// histogram logs, and CSV.
//
// The renderings are packages of their own, such as [imcheck/reports/text]: each writes
// a model to an io.Writer and reads nothing else, so that a report can be rendered again
// from its file alone.
package reports
