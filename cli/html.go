package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"imcheck/reports"
	"imcheck/reports/index"
	"imcheck/reports/page"
	"imcheck/reports/text"
)

// renderHTML writes the pages of runs anew, and an index over them when there
// are several or --out says where it is to go. A folder that cannot be read makes
// it a usage error, with which nothing is written: an index that lacks a run
// would look like one that has them all.
func (a *app) renderHTML(dirs []string, out string, verbose bool) int {
	if len(dirs) == 0 {
		return a.misused(errors.New("report html: name the folders that runs were given with --out"))
	}
	if dirs = index.Distinct(dirs); len(dirs) == 1 && out == "" {
		return a.renderOne(dirs[0], verbose)
	}
	if verbose {
		return a.misused(errors.New("report html: --verbose shows one run: name one folder, and no --out"))
	}
	runs, err := index.Read(dirs)
	if err != nil {
		return a.misused(fmt.Errorf("report html: %w", err))
	}
	place, err := indexPlace(runs, out)
	if err != nil {
		return a.misused(fmt.Errorf("report html: %w", err))
	}
	return a.renderMany(runs, place)
}

func (a *app) renderOne(dir string, verbose bool) int {
	bundle, err := reports.ReadDir(dir)
	if err != nil {
		return a.misused(fmt.Errorf("report html: %w", err))
	}
	file := filepath.Join(dir, reports.HTMLFile)
	if err := reports.WriteFile(file, func(w io.Writer) error { return page.Write(w, bundle) }); err != nil {
		return a.failed(fmt.Errorf("report html: %w", err))
	}
	options := text.Options{Color: isTerminal(a.out), Verbose: verbose}
	if bundle.Conformance != nil {
		if err := text.WriteConformance(a.out, bundle.Conformance, options); err != nil {
			return a.failed(err)
		}
	}
	if bundle.Load != nil {
		if err := text.WriteLoad(a.out, bundle.Load, options); err != nil {
			return a.failed(err)
		}
	}
	fmt.Fprintln(a.out, "report:", file)
	return exitGood
}

// renderMany writes the page of each run, then the index.
func (a *app) renderMany(runs []index.Run, dir string) int {
	for _, run := range runs {
		bundle, err := reports.ReadDir(run.Folder) // again: all of them at once would fill the memory
		if err != nil {
			return a.failed(fmt.Errorf("report html: %w", err))
		}
		write := func(w io.Writer) error { return page.Write(w, bundle) }
		if err := reports.WriteFile(filepath.Join(run.Folder, reports.HTMLFile), write); err != nil {
			return a.failed(fmt.Errorf("report html: %w", err))
		}
	}
	file := filepath.Join(dir, index.File)
	if err := reports.WriteFile(file, func(w io.Writer) error { return index.WriteHTML(w, runs, dir) }); err != nil {
		return a.failed(fmt.Errorf("report html: %w", err))
	}
	if err := index.WriteText(a.out, runs, text.Options{Color: isTerminal(a.out)}); err != nil {
		return a.failed(err)
	}
	fmt.Fprintln(a.out, "index:", file)
	return exitGood
}

// indexPlace is the folder that the index goes to: that of --out, else the
// deepest one that all runs share. There a page of somebody else's is not
// overwritten, as nobody has asked for that.
func indexPlace(runs []index.Run, out string) (string, error) {
	if out != "" {
		return out, prepareOut(out)
	}
	dirs := make([]string, len(runs))
	for i, run := range runs {
		dirs[i] = run.Folder
	}
	shared, err := index.SharedFolder(dirs)
	if err != nil {
		return "", fmt.Errorf("%w: say with --out where the index is to go", err)
	}
	page := filepath.Join(shared, index.File)
	if err := prepareFile("the index", page, ""); err != nil {
		return "", fmt.Errorf("%w; --out says where else it is to go", err)
	}
	switch ours, err := index.Recognize(page); {
	case errors.Is(err, os.ErrNotExist), ours:
		return fromHere(shared), nil
	case err != nil:
		return "", err
	}
	return "", fmt.Errorf("%s is there and was not written by imcheck: say with --out where the index is to go", fromHere(page))
}

// fromHere is a path as a user in this folder would write it.
func fromHere(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	relative, err := filepath.Rel(here, path)
	if err != nil || strings.HasPrefix(relative, "..") {
		return path
	}
	return relative
}
