package reports

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// models are the fixtures in testdata/models, without ".json".
var models = []string{"pass", "fail", "unreachable", "known", "repeated", "load-good", "load-bottleneck"}

// readModel reads one of the fixtures.
func readModel(t *testing.T, name string) Bundle {
	t.Helper()
	b, err := Read(filepath.Join("testdata", "models", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// rendered is what write writes.
func rendered(t *testing.T, write func(io.Writer) error) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// compareGolden holds got against a file below testdata, or writes that file.
func compareGolden(t *testing.T, got []byte, path ...string) {
	t.Helper()
	name := filepath.Join(append([]string{"testdata"}, path...)...)
	if *update {
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, got, 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatalf("%v; run the test with -update to write it", err)
	}
	if bytes.Equal(got, want) {
		return
	}
	gotLines, wantLines := bytes.Split(got, []byte("\n")), bytes.Split(want, []byte("\n"))
	for i := range min(len(gotLines), len(wantLines)) {
		if !bytes.Equal(gotLines[i], wantLines[i]) {
			t.Fatalf("%s line %d:\n got %s\nwant %s", name, i+1, gotLines[i], wantLines[i])
		}
	}
	t.Fatalf("%s: got %d lines, want %d", name, len(gotLines), len(wantLines))
}

func TestTextGolden(t *testing.T) {
	tests := []struct {
		golden, model string
		options       TextOptions
	}{
		{"pass.txt", "pass", TextOptions{}},
		{"pass-verbose.txt", "pass", TextOptions{Verbose: true}},
		{"fail.txt", "fail", TextOptions{}},
		{"fail-verbose.txt", "fail", TextOptions{Verbose: true}},
		{"fail-color.txt", "fail", TextOptions{Color: true}},
		{"unreachable.txt", "unreachable", TextOptions{}},
		{"known.txt", "known", TextOptions{}},
		{"repeated.txt", "repeated", TextOptions{}},
		{"repeated-color.txt", "repeated", TextOptions{Color: true}},
		{"load-good.txt", "load-good", TextOptions{}},
		{"load-good-verbose.txt", "load-good", TextOptions{Verbose: true}},
		{"load-bottleneck.txt", "load-bottleneck", TextOptions{}},
	}
	for _, test := range tests {
		t.Run(test.golden, func(t *testing.T) {
			compareGolden(t, text(t, readModel(t, test.model), test.options), "golden", test.golden)
		})
	}
}

// text renders whichever report the bundle has.
func text(t *testing.T, b Bundle, o TextOptions) []byte {
	t.Helper()
	return rendered(t, func(w io.Writer) error {
		if b.Conformance != nil {
			return WriteConformanceText(w, b.Conformance, o)
		}
		return WriteLoadText(w, b.Load, o)
	})
}

// drawing is a chart; the package chart has golden files of its own.
var drawing = regexp.MustCompile(`(?s)<svg.*?</svg>`)

// scriptSource changes with the script.
var scriptSource = regexp.MustCompile(`'sha256-[^']*'`)

// bare is a page without what is the same on all, and without its drawings.
func bare(html []byte) []byte {
	html = bytes.Replace(html, []byte(pageStyle), nil, 1)
	html = bytes.Replace(html, []byte(pageScript), nil, 1)
	html = scriptSource.ReplaceAll(html, nil)
	return drawing.ReplaceAll(html, []byte("<svg></svg>"))
}

func TestHTMLGolden(t *testing.T) {
	for _, name := range models {
		t.Run(name, func(t *testing.T) {
			b := readModel(t, name)
			got := rendered(t, func(w io.Writer) error { return WriteHTML(w, b) })
			compareGolden(t, bare(got), "golden", name+".html")
		})
	}
	t.Run("both", func(t *testing.T) {
		b := Bundle{Conformance: readModel(t, "fail").Conformance, Load: readModel(t, "load-good").Load}
		got := rendered(t, func(w io.Writer) error { return WriteHTML(w, b) })
		compareGolden(t, bare(got), "golden", "both.html")
	})
	t.Run("traces", func(t *testing.T) {
		b := readModel(t, "fail")
		b.Folder = os.DirFS(filepath.Join("testdata", "folder"))
		got := rendered(t, func(w io.Writer) error { return WriteHTML(w, b) })
		compareGolden(t, bare(got), "golden", "traces.html")
	})
}

func TestJUnitGolden(t *testing.T) {
	for _, name := range []string{"pass", "fail", "unreachable", "known", "repeated"} {
		t.Run(name, func(t *testing.T) {
			c := readModel(t, name).Conformance
			got := rendered(t, func(w io.Writer) error { return WriteJUnit(w, c) })
			compareGolden(t, got, "golden", name+".junit.xml")
		})
	}
}

func TestHistogramGolden(t *testing.T) {
	for _, l := range readModel(t, "load-good").Load.Latencies {
		if l.Kind == "login" && l.Transport == AllTransports && l.From == FromDue {
			got := rendered(t, func(w io.Writer) error { return WriteHistogram(w, l) })
			compareGolden(t, got, "golden", "login.all.due.hgrm")
			return
		}
	}
	t.Fatal("the fixture has no latency of logins")
}

// A report that was read is written back as it stood.
func TestJSONGolden(t *testing.T) {
	for _, name := range models {
		t.Run(name, func(t *testing.T) {
			b := readModel(t, name)
			got := rendered(t, func(w io.Writer) error {
				if b.Conformance != nil {
					return WriteConformanceJSON(w, b.Conformance)
				}
				return WriteLoadJSON(w, b.Load)
			})
			compareGolden(t, got, "models", name+".json")
		})
	}
}
