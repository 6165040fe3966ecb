package folder

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"

	"imcheck/reports"
)

// TraceFolder is the name of the folder with the transcripts of a conformance run.
const TraceFolder = "traces"

// written describes files that a run writes: by their place in the folder, with
// slashes, and by how they begin. Both have to match before a file is taken for one
// of ours.
type written struct {
	name  *regexp.Regexp
	start *regexp.Regexp
}

func named(name, start string) written {
	return written{regexp.MustCompile(`^` + name + `$`), regexp.MustCompile(`^(?s:` + start + `)`)}
}

// junitOf and ctrfOf describe the files for continuous integration whose first run is of a
// kind.
func junitOf(kind string) written {
	return named(`junit\.xml`, `<\?xml[^>]*>\s*<testsuites>\s*<testsuite name="imcheck `+kind+`"`)
}
func ctrfOf(kind string) written {
	return named(`ctrf\.json`, `\{\s*"reportFormat":\s*"CTRF",\s*"specVersion":\s*"[0-9.]+",\s*"generatedBy":\s*"imcheck `+kind+`\b`)
}

// KindDiff is the kind of a comparison, for Clear.
const KindDiff = "diff"

// ofKind lists what a run of each kind writes, apart from the page and the summary
// that show the runs of both, and what a comparison does.
var ofKind = map[string][]written{
	reports.KindConformance: {
		named(`report\.json`, `\{\s*"schema":\s*\d+,\s*"kind":\s*"conformance"`),
		named(`badge\.json`, `\{\s*"schemaVersion":\s*1,\s*"label":\s*"conformance"`),
		junitOf(reports.KindConformance), ctrfOf(reports.KindConformance),
		named(TraceFolder+`/[a-z0-9-]+/[a-z0-9-]+\.(udp|tcp|ws)(\.[0-9]+S)?(\.[0-9]+)?\.jsonl`, `$|\{"atMs":[-+.e0-9]+,"connection":"`),
	},
	reports.KindLoad: {
		named(`load\.json`, `\{\s*"schema":\s*\d+,\s*"kind":\s*"load"`),
		junitOf(reports.KindLoad), ctrfOf(reports.KindLoad),
		named(`timeline\.csv`, `at_ms,online_clients,logins,`),
		named(reports.HistogramFolder+`/[a-z0-9_]+\.all\.(due|send)\.hgrm`, `\s*Value\tPercentile\tTotalCount\t`),
		named(reports.HistogramFolder+`/[a-z0-9_]+(\.[a-z0-9_]+)?\.hlog`, `#\[Latencies of imcheck `),
	},
	reports.KindCapacity: {
		named(`capacity\.json`, `\{\s*"schema":\s*\d+,\s*"kind":\s*"capacity"`),
		junitOf(reports.KindCapacity), ctrfOf(reports.KindCapacity),
	},
	reports.KindTalk: {
		named(`talk\.json`, `\{\s*"schema":\s*\d+,\s*"kind":\s*"talk"`),
		named(`relay\.jsonl`, `$|\{"at":"`),
		junitOf(reports.KindTalk), ctrfOf(reports.KindTalk),
	},
	KindDiff: {
		named(`diff\.json`, `\{\s*"schema":\s*\d+,\s*"kind":\s*"diff"`),
		junitOf(KindDiff), ctrfOf(KindDiff),
		named(`diff\.md`, `## \S+ [A-Z]+ comparison\b`),
		named(`diff\.html`, pageStart+`<main class="diff">`),
	},
}

// shared lists what shows the runs of both kinds.
var shared = []written{
	named(`report\.html`, pageStart+`<section id="(conformance|load|capacity)">`),
	named(`summary\.md`, `## \S+ [A-Z]+ (conformance|load|capacity)\b`),
}

// pageStart is the beginning that all pages have in common.
const pageStart = `<!DOCTYPE html>.*<meta http-equiv="Content-Security-Policy" content="default-src 'none'; .*`

// startLength is the number of bytes of a file that are looked at: more than a page has
// before its first section.
const startLength = 1 << 18

// Clear removes what an earlier run of a kind has left in dir, so that nothing of
// it can be taken for the result of the next one. A report of the other kind
// stays; page, summary and the files for continuous integration are written anew to show
// only that. Files that a run
// did not write are left alone, whatever their names are, and so is everything that
// a symbolic link leads to. It returns how many files are gone. A folder that is not
// there is as good as an empty one.
func Clear(dir, kind string) (removed int, err error) {
	if there, err := os.Stat(dir); err != nil || !there.IsDir() {
		return 0, nil // nothing was written there
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return 0, fmt.Errorf("look for files of an earlier run: %w", err)
	}
	defer root.Close()
	removed, err = remove(root, ofKind[kind])
	if kind == reports.KindCapacity && err == nil {
		steps, failed := removeSteps(root, dir)
		removed, err = removed+steps, failed
	}
	if err != nil || removed == 0 {
		return removed, err
	}
	if kind == KindDiff || kind == reports.KindTalk {
		if runs := Checks(runsIn(dir)); len(runs) > 0 {
			return removed, saveChecks(dir, runs)
		}
		return removed, nil
	}
	if other := otherThan(dir, kind); !other.Empty() {
		return removed, savePages(dir, other)
	}
	pages, err := remove(root, shared)
	return removed + pages, err
}

// stepFolder describes the folder of a step of a search.
var stepFolder = regexp.MustCompile(`^[0-9]{2,}-(rate|clients)-[0-9.]+$`)

// removeSteps removes the loads of the steps of a search, and the folders that are empty
// then.
func removeSteps(root *os.Root, dir string) (removed int, err error) {
	if there, err := root.Lstat(reports.StepsFolder); err != nil || !there.IsDir() {
		return 0, nil // not there, or a link to somewhere else
	}
	entries, err := fs.ReadDir(root.FS(), reports.StepsFolder)
	if err != nil {
		return 0, err
	}
	for _, entry := range entries {
		if !entry.IsDir() || !stepFolder.MatchString(entry.Name()) {
			continue
		}
		place := path.Join(reports.StepsFolder, entry.Name())
		n, failed := Clear(filepath.Join(dir, place), reports.KindLoad)
		removed += n
		err = errors.Join(err, failed)
		_ = root.Remove(place) // fails unless it is empty
	}
	_ = root.Remove(reports.StepsFolder)
	return removed, err
}

// otherThan returns the reports of the other kinds. One that cannot be read has no page
// either.
func otherThan(dir, kind string) reports.Bundle {
	all := runsIn(dir)
	switch kind {
	case reports.KindLoad:
		all.Load = nil
	case reports.KindCapacity:
		all.Capacity = nil
	default:
		all.Conformance = nil
	}
	return all
}

// runsIn returns the reports of a folder that can be read.
func runsIn(dir string) reports.Bundle {
	both := reports.Bundle{Folder: os.DirFS(dir)}
	if found, err := reports.ReadIfThere(filepath.Join(dir, reports.ConformanceFile), reports.KindConformance); err == nil {
		both.Conformance = found.Conformance
	}
	if found, err := reports.ReadIfThere(filepath.Join(dir, reports.LoadFile), reports.KindLoad); err == nil {
		both.Load = found.Load
	}
	if found, err := reports.ReadIfThere(filepath.Join(dir, reports.CapacityFile), reports.KindCapacity); err == nil {
		both.Capacity = found.Capacity
	}
	return both
}

// remove removes the files that are among those, and the folders that are empty
// then.
func remove(root *os.Root, among []written) (removed int, err error) {
	for _, place := range []string{".", TraceFolder, reports.HistogramFolder} {
		if there, err := root.Lstat(place); err != nil || !there.IsDir() {
			continue // not there, or a link to somewhere else
		}
		n, failed := removeBelow(root, place, among)
		removed += n
		err = errors.Join(err, failed)
	}
	if err != nil {
		err = fmt.Errorf("remove files of an earlier run: %w", err)
	}
	return removed, err
}

// removeBelow looks at the files of a folder; below those of ours also at what is
// further in.
func removeBelow(root *os.Root, place string, among []written) (removed int, err error) {
	entries, err := fs.ReadDir(root.FS(), place)
	if err != nil {
		return 0, err
	}
	for _, entry := range entries {
		name := path.Join(place, entry.Name())
		switch {
		case entry.IsDir() && place != ".":
			n, failed := removeBelow(root, name, among)
			removed += n
			err = errors.Join(err, failed)
		case entry.Type().IsRegular() && isAmong(root, name, among):
			if failed := root.Remove(name); failed != nil {
				err = errors.Join(err, failed)
				continue
			}
			removed++
		}
	}
	if removed > 0 && place != "." {
		_ = root.Remove(place) // fails unless it is empty
	}
	return removed, err
}

func isAmong(root *os.Root, name string, among []written) bool {
	for _, w := range among {
		if w.name.MatchString(name) && startsAs(root, name, w.start) {
			return true
		}
	}
	return false
}

func startsAs(root *os.Root, name string, start *regexp.Regexp) bool {
	f, err := root.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, startLength))
	return err == nil && start.Match(text)
}
