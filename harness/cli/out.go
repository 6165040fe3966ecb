package cli

import (
	"fmt"
	"os"
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
	trial, err := os.CreateTemp(dir, ".trial-*")
	if err != nil {
		return fmt.Errorf("--out: files cannot be written there: %w", err)
	}
	trial.Close() // nothing was written that could be lost
	return os.Remove(trial.Name())
}
