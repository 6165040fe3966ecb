package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/pflag"

	"imcheck/reports"
	"imcheck/reports/index"
	"imcheck/reports/matrix"
)

// matrixFlags are the flags of report matrix.
type matrixFlags struct {
	out  string
	json bool
}

func (f *matrixFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.out, "out", "", "folder for matrix.html (default: the deepest one that all DIRs share)")
	flags.BoolVar(&f.json, "json", false, "print the matrix as JSON on stdout, the summary on stderr")
}

// execute puts the implementations of runs side by side.
func (f *matrixFlags) execute(_ context.Context, a *app, args []string) int {
	flags := newFlags("report matrix")
	f.register(flags)
	if code, done := a.parse(flags, args, matrixUsage, true); done {
		return code
	}
	dirs := index.Distinct(flags.Args())
	if len(dirs) == 0 {
		return a.misused(errors.New("report matrix: name the folders that runs of conform were given with --out"))
	}
	place := f.out
	if place == "" {
		var err error
		if place, err = sharedPlace("matrix", matrix.File, dirs, matrix.Recognize); err != nil {
			return a.misused(fmt.Errorf("report matrix: %w", err))
		}
	}
	m, err := matrix.Of(dirs, place)
	if err == nil && f.out != "" {
		err = prepareOut(f.out)
	}
	if err != nil {
		return a.misused(fmt.Errorf("report matrix: %w", err))
	}
	m.Tool, m.Command = "imcheck "+version(), a.command
	file := filepath.Join(place, matrix.File)
	// The file first: the reader of stdout may be gone.
	err = reports.WriteFile(file, func(w io.Writer) error { return matrix.WriteHTML(w, m) })
	if err = errors.Join(err, a.printMatrix(m, f.json, file)); err != nil {
		return a.failed(fmt.Errorf("report matrix: %w", err))
	}
	return exitGood
}

func (a *app) printMatrix(m *matrix.Matrix, asJSON bool, file string) error {
	human := a.out
	if asJSON {
		human = a.err
		if err := matrix.WriteJSON(a.out, m); err != nil {
			return err
		}
	}
	if err := matrix.WriteText(human, m, summaryOptions(human, false)); err != nil {
		return err
	}
	_, err := fmt.Fprintln(human, "matrix:", file)
	return err
}
