// Package casestest has what the tests of both catalogues share.
package casestest

import (
	"bytes"
	"flag"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"imcheck/conformance/suite"
	"imcheck/reports"
)

var update = flag.Bool("update", false, "rewrite the files below docs that tests make")

// ExpectVerdict reports every result that has another verdict, and that there is none.
func ExpectVerdict(t *testing.T, results []reports.Result, want reports.Verdict) {
	t.Helper()
	if len(results) == 0 {
		t.Error("nothing was run")
	}
	for _, r := range results {
		if r.Verdict != want {
			t.Errorf("want %s, got %s", want, suite.Explain(r))
		}
	}
}

// Matches reports whether one of several globs, separated by blanks, is of a case. A question
// mark in front of a glob, of a case that need not fail, makes no difference.
func Matches(globs, id string) bool {
	for glob := range strings.FieldsSeq(globs) {
		if ok, err := path.Match(strings.TrimPrefix(glob, "?"), id); ok && err == nil {
			return true
		}
	}
	return false
}

// CheckDocument compares a file below docs with the one that a test of conformance/catalogue
// makes from the code, and writes it first with -update.
func CheckDocument(t *testing.T, catalogue, name string, want []byte) {
	t.Helper()
	file := filepath.Join("..", "..", "docs", name)
	if *update {
		if err := os.WriteFile(file, want, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is out of date: go test ./conformance/%s -run Documented -update", file, catalogue)
	}
}
