package reports

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Names of files and folders in the folder of a run.
const (
	ConformanceFile = "report.json"
	LoadFile        = "load.json"
	JUnitFile       = "junit.xml"
	CTRFFile        = "ctrf.json"
	HTMLFile        = "report.html"
	SummaryFile     = "summary.md"
	BadgeFile       = "badge.json"
	TimelineFile    = "timeline.csv"
	HistogramFolder = "histograms"
)

// Bundle has the reports of one folder: of one kind, or of several.
type Bundle struct {
	Conformance *Conformance
	Load        *Load
	Capacity    *Capacity
	// Folder has the files beside the reports, such as traces; nil when there is
	// none, and then the page shows what the reports themselves have.
	Folder fs.FS
}

// Empty reports whether there is nothing to show.
func (b Bundle) Empty() bool { return b.Conformance == nil && b.Load == nil && b.Capacity == nil }

// ErrNoReport is matched by the error of ReadDir when a folder has no report.
var ErrNoReport = errors.New("no report")

// ReadDir reads the reports of a folder. The error matches ErrNoReport when
// there is none, and is a *FormatError when one of them cannot be understood.
func ReadDir(dir string) (Bundle, error) {
	if _, err := os.ReadDir(dir); err != nil {
		return Bundle{}, fmt.Errorf("read the folder of a report: %w", err)
	}
	conformance, err := ReadIfThere(filepath.Join(dir, ConformanceFile), KindConformance)
	if err != nil {
		return Bundle{}, err
	}
	load, err := ReadIfThere(filepath.Join(dir, LoadFile), KindLoad)
	if err != nil {
		return Bundle{}, err
	}
	capacity, err := ReadIfThere(filepath.Join(dir, CapacityFile), KindCapacity)
	if err != nil {
		return Bundle{}, err
	}
	all := Bundle{conformance.Conformance, load.Load, capacity.Capacity, os.DirFS(dir)}
	if all.Empty() {
		return Bundle{}, fmt.Errorf("%w in %s: none of %s, %s and %s is there; name the folder that a run was given with --out",
			ErrNoReport, dir, ConformanceFile, LoadFile, CapacityFile)
	}
	return all, nil
}

// ReadIfThere returns an empty bundle when the file does not exist.
func ReadIfThere(path, kind string) (Bundle, error) {
	found, err := readKind(path, kind)
	if errors.Is(err, fs.ErrNotExist) {
		return Bundle{}, nil
	}
	return found, err
}
