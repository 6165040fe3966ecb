package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"imcheck/reports"
	"imcheck/reports/folder"
	"imcheck/reports/index"
)

// indexFlags are the flags of report index.
type indexFlags struct{ out string }

func (f *indexFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.out, "out", "", "folder for index.html (default: the deepest one that all DIRs share)")
}

// execute writes the pages of runs anew, and an index over them.
func (f *indexFlags) execute(_ context.Context, a *app, args []string) int {
	flags := newFlags("report index")
	f.register(flags)
	if code, done := a.parse(flags, args, indexUsage, true); done {
		return code
	}
	dirs := index.Distinct(flags.Args())
	if len(dirs) == 0 {
		return a.misused(errors.New("report index: name the folders that runs were given with --out"))
	}
	return a.renderIndex(flags.Name(), dirs, f.out)
}

// renderIndex writes the pages of runs and the index over them. A folder that cannot
// be read makes it a usage error, with which nothing is written: an index that lacks
// a run would look like one that has them all.
func (a *app) renderIndex(verb string, dirs []string, out string) int {
	runs, err := index.Read(dirs)
	if err != nil {
		return a.misused(fmt.Errorf("%s: %w", verb, err))
	}
	place, err := indexPlace(runs, out)
	if err != nil {
		return a.misused(fmt.Errorf("%s: %w", verb, err))
	}
	return a.renderMany(verb, runs, place)
}

// renderMany writes the page of each run, then the index.
func (a *app) renderMany(verb string, runs []index.Run, dir string) int {
	for _, run := range runs {
		bundle, err := reports.ReadDir(run.Folder) // read again, as all of them at once would fill the memory
		if err != nil {
			return a.failed(fmt.Errorf("%s: %w", verb, err))
		}
		if err := folder.SavePage(run.Folder, bundle); err != nil {
			return a.failed(fmt.Errorf("%s: %w", verb, err))
		}
	}
	file := filepath.Join(dir, index.File)
	if err := reports.WriteFile(file, func(w io.Writer) error { return index.WriteHTML(w, runs, dir) }); err != nil {
		return a.failed(fmt.Errorf("%s: %w", verb, err))
	}
	if err := index.WriteText(a.out, runs, summaryOptions(a.out, false)); err != nil {
		return a.failed(err)
	}
	fmt.Fprintln(a.out, "index:", file)
	return exitGood
}

// indexPlace returns the folder that the index goes to: that of --out, else the
// deepest one that all runs share. A page that imcheck did not write is not
// overwritten there, as nobody has asked for that.
func indexPlace(runs []index.Run, out string) (string, error) {
	if out != "" {
		return out, prepareOut(out)
	}
	dirs := make([]string, len(runs))
	for i, run := range runs {
		dirs[i] = run.Folder
	}
	return sharedPlace("index", index.File, dirs, index.Recognize)
}

// sharedPlace returns the deepest folder that runs share, for a page of imcheck over all of
// them. A page that imcheck did not write is not overwritten there.
func sharedPlace(what, file string, dirs []string, recognize func(path string) (bool, error)) (string, error) {
	shared, err := index.SharedFolder(dirs)
	if err != nil {
		return "", fmt.Errorf("%w: say with --out where the %s is to go", err, what)
	}
	page := filepath.Join(shared, file)
	if err := prepareFile("the "+what, page, ""); err != nil {
		return "", fmt.Errorf("%w; --out says where else it is to go", err)
	}
	switch ours, err := recognize(page); {
	case errors.Is(err, os.ErrNotExist), ours:
		return fromHere(shared), nil
	case err != nil:
		return "", fmt.Errorf("look at the %s that is there: %w", what, err)
	}
	return "", fmt.Errorf("%s is there and was not written by imcheck: say with --out where the %s is to go", fromHere(page), what)
}

// fromHere returns a path as a user in the current folder would write it.
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
