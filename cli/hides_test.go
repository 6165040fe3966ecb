package cli_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/testscript"
)

// hides TEXT DIRS: no byte of what the last command wrote to stdout and stderr, and no
// file in the folders, has the text. Each folder has files.
func hides(ts *testscript.TestScript, _ bool, args []string) {
	text := []byte(args[0])
	for _, stream := range []string{"stdout", "stderr"} {
		if bytes.Contains([]byte(ts.ReadFile(stream)), text) {
			ts.Fatalf("%s has %q", stream, text)
		}
	}
	for _, dir := range args[1:] {
		files := 0
		ts.Check(filepath.WalkDir(ts.MkAbs(dir), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			files++
			content, err := os.ReadFile(path)
			if bytes.Contains(content, text) || bytes.Contains([]byte(path), text) {
				ts.Fatalf("%s has %q", path, text)
			}
			return err
		}))
		if files == 0 {
			ts.Fatalf("%s has no file", dir)
		}
	}
}
