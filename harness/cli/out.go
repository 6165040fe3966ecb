package cli

import (
	"fmt"
	"os"
	"path/filepath"
)

// prepareOut makes the folder of --out and makes sure that files can be written
// there, before a run that would be lost otherwise.
func prepareOut(dir string) error {
	if dir == "" {
		return nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	if err := tryWriting(dir); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	return nil
}

// prepareFile makes sure that the file of a flag can be written; its folder has
// to be there, unless it is out, which will be made. "" is no file.
func prepareFile(flag, path, out string) error {
	if path == "" {
		return nil
	}
	if there, err := os.Stat(path); err == nil && there.IsDir() {
		return fmt.Errorf("%s: %s is a folder: name a file", flag, path)
	}
	folder := filepath.Dir(path)
	if out != "" && folder == filepath.Clean(out) {
		return nil
	}
	if err := tryWriting(folder); err != nil {
		return fmt.Errorf("%s: %w", flag, err)
	}
	return nil
}

// tryWriting leaves the folder as it was.
func tryWriting(dir string) error {
	trial, err := os.CreateTemp(dir, ".trial-*")
	if err != nil {
		return fmt.Errorf("files cannot be written there: %w", err)
	}
	trial.Close() // nothing was written that could be lost
	return os.Remove(trial.Name())
}
