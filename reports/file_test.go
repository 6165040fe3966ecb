package reports_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

func writeText(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

func TestWriteFileReplaces(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.json")
	for _, text := range []string{"a longer first text", "second"} {
		if err := reports.WriteFile(path, writeText(text)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
	if names := reporttest.Entries(t, dir); len(names) != 1 {
		t.Errorf("the folder holds %q, want the one file", names)
	}
}

// The file has the mode that any new file gets, not that of a private temporary one.
func TestWriteFileMode(t *testing.T) {
	dir := t.TempDir()
	path, plain := filepath.Join(dir, "report"), filepath.Join(dir, "plain")
	if err := reports.WriteFile(path, writeText("x")); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(plain)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if got, want := mode(t, path), mode(t, plain); got != want {
		t.Errorf("mode %v, want %v", got, want)
	}
}

func mode(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode()
}

func TestWriteFileLeavesNothingBehind(t *testing.T) {
	broken := errors.New("broken")
	tests := map[string]func(io.Writer) error{
		"before a byte": func(io.Writer) error { return broken },
		"in the middle": func(w io.Writer) error { return errors.Join(writeText("half")(w), broken) },
	}
	for name, write := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "report.json")
			if err := reports.WriteFile(path, writeText("old")); err != nil {
				t.Fatal(err)
			}
			if err := reports.WriteFile(path, write); !errors.Is(err, broken) {
				t.Errorf("got %v, want the writer's own error", err)
			}
			if got, err := os.ReadFile(path); err != nil || string(got) != "old" {
				t.Errorf("got %q, %v; want the old content", got, err)
			}
			if names := reporttest.Entries(t, dir); len(names) != 1 {
				t.Errorf("the folder holds %q, want the old file alone", names)
			}
		})
	}
}

func TestWriteFileCleansUpAfterPanic(t *testing.T) {
	dir := t.TempDir()
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = reports.WriteFile(filepath.Join(dir, "report.json"), func(io.Writer) error { panic("in the template") })
	}()
	if names := reporttest.Entries(t, dir); len(names) != 0 {
		t.Errorf("the folder holds %q, want nothing", names)
	}
}

// The rename fails where a folder has the name of the file.
func TestWriteFileOntoFolder(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "report.json")
	if err := os.Mkdir(path, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := reports.WriteFile(path, writeText("x")); err == nil {
		t.Error("a folder was replaced by a file")
	}
	if names := reporttest.Entries(t, dir); len(names) != 1 {
		t.Errorf("the folder holds %q, want the one that was there", names)
	}
}
