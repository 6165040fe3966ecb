package reporttest

import (
	"errors"
	"io"
	"os"
	"testing"
)

// full is a disk without room for more than n bytes.
type full struct{ n int }

var errFull = errors.New("no space left on device")

func (f *full) Write(b []byte) (int, error) {
	if f.n -= len(b); f.n < 0 {
		return 0, errFull
	}
	return len(b), nil
}

// Entries returns the names in a folder.
func Entries(t *testing.T, dir string) []string {
	t.Helper()
	found, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range found {
		names = append(names, e.Name())
	}
	return names
}

// FailsOnFullDisk checks that no writer takes a full disk for success.
func FailsOnFullDisk(t *testing.T, writers map[string]func(io.Writer) error) {
	t.Helper()
	for name, write := range writers {
		t.Run(name, func(t *testing.T) {
			whole := len(Rendered(t, write))
			for _, room := range []int{0, 1, whole / 2, whole - 1} {
				if err := write(&full{room}); !errors.Is(err, errFull) {
					t.Errorf("room for %d of %d bytes: got %v", room, whole, err)
				}
			}
		})
	}
}
