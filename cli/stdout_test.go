package cli_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"imcheck/cli"
)

// closed is a stdout that cannot be written to.
type closed struct{ err error }

func (c closed) Write([]byte) (int, error) { return 0, c.err }

// What was measured is in --out when nobody reads the summary any longer, and the exit
// code is that of the run. A summary that is lost for another reason is an error.
func TestFilesWithoutReader(t *testing.T) {
	for name, args := range map[string][]string{
		"report.json": {"conform", "--sense-mode", "3S", "--case", "login/accepted", "--filter", "tcp"},
		"load.json":   {"load", "--sense-mode", "3S", "--transport", "tcp", "--scenario", "idle", "--clients", "1", "--ramp", "0s", "--warmup", "0s", "--duration", "1s"},
	} {
		t.Run(name, func(t *testing.T) {
			for reason, codes := range map[error][]int{syscall.EPIPE: {0, 4}, syscall.ENOSPC: {3}} { // 4 on a busy machine
				dir := t.TempDir()
				var told bytes.Buffer
				if code := cli.Main(append(args, "--out", dir), strings.NewReader(""), closed{reason}, &told); !slices.Contains(codes, code) {
					t.Errorf("%v: exit code %d, want one of %d", reason, code, codes)
				}
				if says := strings.Contains(told.String(), reason.Error()); says != (reason == syscall.ENOSPC) {
					t.Errorf("%v: stderr is\n%s", reason, &told)
				}
				for _, file := range []string{name, "report.html", "summary.md"} {
					if _, err := os.Stat(filepath.Join(dir, file)); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
}

// watcher is a reader of stdout that looks whether a file is there already.
type watcher struct {
	path  string
	there bool
}

func (w *watcher) Write(text []byte) (int, error) {
	_, err := os.Stat(w.path)
	w.there = err == nil
	return len(text), nil
}

// The files of a comparison and of an index are there before the first word on
// stdout: a reader that goes may take the program with it.
func TestFilesBeforeWords(t *testing.T) {
	root := t.TempDir()
	var dirs []string
	for _, name := range []string{"old", "new"} {
		dir := filepath.Join(root, name)
		text := `{"schema":1,"kind":"conformance","outcome":"pass","results":[{"case":"a/b","transport":"tcp","verdict":"pass"}]}`
		if err := errors.Join(os.Mkdir(dir, 0o777), os.WriteFile(filepath.Join(dir, "report.json"), []byte(text), 0o666)); err != nil {
			t.Fatal(err)
		}
		dirs = append(dirs, dir)
	}
	for form, file := range map[string]string{"diff": "diff.html", "html": "index.html"} {
		t.Run(form, func(t *testing.T) {
			out := t.TempDir()
			w := &watcher{path: filepath.Join(out, file)}
			var told bytes.Buffer
			if code := cli.Main([]string{"report", form, dirs[0], dirs[1], "--out", out}, strings.NewReader(""), w, &told); code != 0 {
				t.Fatalf("exit code %d: %s", code, &told)
			}
			if !w.there {
				t.Errorf("%s was not there", file)
			}
		})
	}
}
