package page

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"imcheck/reports"
)

func TestLink(t *testing.T) {
	root := t.TempDir()
	odd := filepath.Join(root, "run 3#?%41")
	dirs := []string{filepath.Join(root, "run-1"), filepath.Join(root, "run-2")}
	for _, dir := range append(dirs, odd) {
		if err := errors.Join(os.Mkdir(dir, 0o777), os.WriteFile(filepath.Join(dir, reports.HTMLFile), nil, 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct{ from, run, want string }{
		{root, dirs[0], "./run-1/report.html"},
		{root, odd, "./run%203%23%3F%2541/report.html"},
		{dirs[1], dirs[0], "../run-1/report.html"},
		{dirs[0], dirs[0], "./report.html"},
		{filepath.Join(root, "deep", "down"), dirs[0], "../../run-1/report.html"},
		{root, filepath.Join(root, "missing"), ""},
	}
	for _, test := range tests {
		if got := Link(test.from, test.run); got != test.want {
			t.Errorf("from %s to %s: got %q, want %q", test.from, test.run, got, test.want)
		}
	}
	if got := relativeLink(root, filepath.Join(root, "javascript:alert(1)")); got != "./javascript:alert%281%29" && got != "./javascript:alert(1)" {
		t.Errorf("a colon makes a scheme: %q", got)
	}
}
