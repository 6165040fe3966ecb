package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const architectureDocument = "docs/architecture.md"

var (
	// A file or folder of the tree, as the document quotes it.
	pathQuoted = regexp.MustCompile("`([a-z-]+/[A-Za-z0-9_./-]+|[a-z_]+\\.go)`")
	pathItem   = regexp.MustCompile("(?m)^- `([^`]+)`: ")
)

// What the page of the architecture names is there, each of the four paths is a list of
// files, and the drawing has every folder that layers_test.go knows.
func TestArchitectureIsAsDocumented(t *testing.T) {
	text, err := os.ReadFile(filepath.FromSlash(architectureDocument))
	if err != nil {
		t.Fatal(err)
	}
	for _, quoted := range pathQuoted.FindAllStringSubmatch(string(text), -1) {
		if _, err := os.Stat(filepath.FromSlash(quoted[1])); err != nil {
			t.Errorf("%s names %s: %v", architectureDocument, quoted[1], err)
		}
	}
	_, paths, _ := strings.Cut(string(text), "\n## Four paths\n")
	sections := strings.Split(paths, "\n### ")[1:]
	if len(sections) != 4 {
		t.Errorf("%d paths, want 4", len(sections))
	}
	for _, section := range sections {
		title, list, _ := strings.Cut(section, "\n")
		var files []string
		for _, item := range pathItem.FindAllStringSubmatch(list, -1) {
			if slices.Contains(files, item[1]) {
				t.Errorf("%s: %s is listed twice", title, item[1])
			}
			if info, err := os.Stat(filepath.FromSlash(item[1])); err != nil || info.IsDir() {
				t.Errorf("%s: %s is not a file (%v)", title, item[1], err)
			}
			files = append(files, item[1])
		}
		if len(files) < 5 {
			t.Errorf("%s: %d files were found: is the list read as it was meant?", title, len(files))
		}
	}
	drawing := strings.Split(string(text), "```")[1]
	for folder := range below {
		if folder != "internal" && !strings.Contains(folder, "/") && !regexp.MustCompile(`(^|[^a-z-])`+folder+`([^a-z-]|$)`).MatchString(drawing) {
			t.Errorf("the drawing lacks %s", folder)
		}
	}
}
