package cli_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"imcheck/cli"
)

// closed is a reader of stdout that has gone.
type closed struct{}

var errClosed = errors.New("broken pipe")

func (closed) Write([]byte) (int, error) { return 0, errClosed }

// What was measured is in --out when nobody reads the summary any longer.
func TestFilesWithoutReader(t *testing.T) {
	for name, args := range map[string][]string{
		"report.json": {"conform", "--sense-mode", "3S", "--case", "login/accepted", "--filter", "tcp"},
		"load.json":   {"load", "--sense-mode", "3S", "--transport", "tcp", "--scenario", "idle", "--clients", "1", "--ramp", "0s", "--warmup", "0s", "--duration", "1s"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			var told bytes.Buffer
			if code := cli.Main(append(args, "--out", dir), strings.NewReader(""), closed{}, &told); code != 3 {
				t.Errorf("exit code %d, want 3", code)
			}
			if !strings.Contains(told.String(), errClosed.Error()) {
				t.Errorf("stderr does not say why:\n%s", &told)
			}
			for _, file := range []string{name, "report.html", "summary.md"} {
				if _, err := os.Stat(filepath.Join(dir, file)); err != nil {
					t.Error(err)
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
