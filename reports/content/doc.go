// Package content has the parts that all renderings of a report show, in whatever form: how
// verdicts and outcomes are presented, findings, tables, and sentences about a
// run. So the page, the summary in a terminal and the one in Markdown say the
// same thing in the same way.
package content
