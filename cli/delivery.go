package cli

import (
	"errors"
	"fmt"
	"path/filepath"

	"imcheck/reports"
	"imcheck/reports/folder"
)

// delivery hands over the report of a run in every way that was asked for.
type delivery struct {
	verb   string
	out    string // folder of --out, "" for none
	bundle reports.Bundle
	save   func() error // to out
	print  func() error
}

// deliver saves before it prints: the reader of stdout may be gone already. The error says
// what was not handed over.
func (d delivery) deliver(a *app, bar *progress) error {
	var notSaved error
	if d.out != "" {
		notSaved = d.save()
	}
	a.appendStepSummary(d.bundle)
	err := d.print()
	a.annotate(folder.Checks(d.bundle)...)
	if err != nil {
		return errors.Join(err, notSaved)
	}
	if notSaved != nil {
		return fmt.Errorf("%s: writing to --out %s: %w", d.verb, d.out, notSaved)
	}
	if d.out != "" {
		bar.note("report: %s", filepath.Join(d.out, reports.HTMLFile))
	}
	return nil
}

// conclude hands over the report of a run that ended with an exit code, or in which something
// failed, and returns the exit code of the command.
func (a *app) conclude(d delivery, failure error, code int) int {
	if err := d.deliver(a, newProgress(a.err)); err != nil {
		return a.failed(err)
	}
	if failure != nil {
		return a.failed(fmt.Errorf("%s: %w", d.verb, failure))
	}
	return code
}
