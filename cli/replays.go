package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"imcheck/conformance/explore"
	"imcheck/conformance/servercases"
)

// readReplays makes the catalogue of a run: all cases, and one for each file of --replay.
// An error is the user's.
func (f *conformFlags) readReplays() error {
	f.catalogue, f.replayed = servercases.All(), map[string]string{}
	for _, path := range f.replays {
		files, err := conversationsIn(path)
		if err != nil {
			return fmt.Errorf("--replay: %w", err)
		}
		for _, path := range files {
			file, err := explore.ReadFile(path)
			if err != nil {
				return fmt.Errorf("--replay: %w", err)
			}
			if other := f.replayed[file.ID()]; other != "" {
				return fmt.Errorf("--replay: %s and %s would both be the case %s: rename one of them", other, path, file.ID())
			}
			f.replayed[file.ID()] = path
			f.catalogue = append(f.catalogue, file.Case())
		}
	}
	return nil
}

// conversationsIn lists the files with conversations that a path of --replay names: those
// with the extension .json of a folder, in the order of their names, or the path itself.
func conversationsIn(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, entry := range entries {
		if !entry.IsDir() && filepath.Ext(entry.Name()) == ".json" {
			files = append(files, filepath.Join(path, entry.Name()))
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s: there is no file of conversations (*.json) in it", path)
	}
	return files, nil
}
