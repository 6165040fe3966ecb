package reports

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
)

// WriteFile writes a file whole or not at all: into a temporary file in the
// same folder, which then takes the place of path. After an error the folder
// is as it was before.
func WriteFile(path string, write func(io.Writer) error) error {
	// Not os.CreateTemp: its files are private to the user whatever the umask
	// says, and a report should be as readable as any other file.
	temporary := path + "." + rand.Text() + ".tmp"
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	// A no-op once the file was renamed; deferred so that it also runs when
	// write panics.
	defer os.Remove(temporary)
	if err := errors.Join(fill(f, write), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(temporary, path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// fill writes the content and syncs it to the disk, so that a crash after the rename
// cannot leave an empty file.
func fill(f *os.File, write func(io.Writer) error) error {
	buffered := bufio.NewWriter(f)
	if err := write(buffered); err != nil {
		return err
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	return f.Sync()
}
