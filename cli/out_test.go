package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"imcheck/reports"
)

func TestNamedOut(t *testing.T) {
	for args, want := range map[string]string{
		"":                              "",
		"--tcp x --out a --filter":      "a",
		"--out=a --no-such-flag":        "a",
		"--out a --out=b":               "a b",
		"--out":                         "",
		"--out=":                        "",
		"--output a":                    "",
		"merge x -- --out a":            "",
		"--out a --case --no-such-flag": "a",
	} {
		if got := namedOut(strings.Fields(args)); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%q: got %q, want %q", args, got, want)
		}
	}
}

// Misused arguments cost the earlier run of their --out, and no folder that the
// command reads.
func TestClearMisused(t *testing.T) {
	for _, keep := range []bool{false, true} {
		dir := t.TempDir()
		report := filepath.Join(dir, reports.LoadFile)
		if err := os.WriteFile(report, []byte(`{"schema":1,"kind":"load"}`), 0o666); err != nil {
			t.Fatal(err)
		}
		var kept []string
		if keep {
			kept = []string{filepath.Join(dir, "..", filepath.Base(dir))}
		}
		var complaint strings.Builder
		(&app{err: &complaint}).clearMisused([]string{"--out", dir}, reports.KindLoad, kept...)
		if _, err := os.Stat(report); (err == nil) != keep {
			t.Errorf("kept %t: %v", keep, err)
		}
		if said := strings.Contains(complaint.String(), "was removed from "+dir); said == keep {
			t.Errorf("kept %t: it says %q", keep, complaint.String())
		}
	}
}
