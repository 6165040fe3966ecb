package reports

import (
	"encoding/xml"
	"errors"
	"io"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// hostile is what a target or a user might put into any text of a report.
const hostile = "\"'><script>alert(1)</script><img src=x onerror=alert(2)></style>]]>{{.}}\x1b[2J\x00\u202e\n%s&"

// fillHostile puts hostile into every text of a model, and one element into
// every list and map.
func fillHostile(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(hostile)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillHostile(v.Field(i))
			}
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillHostile(v.Index(0))
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fillHostile(key)
		fillHostile(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Int64, reflect.Int:
		v.SetInt(1)
	case reflect.Bool:
		v.SetBool(true)
	}
}

// hostileBundle has a result of each verdict, so that every part of a
// rendering is reached; only the words that Read checks are real ones.
func hostileBundle() Bundle {
	var c Conformance
	fillHostile(reflect.ValueOf(&c).Elem())
	first := c.Results[0]
	c.Results = nil
	for _, v := range Verdicts {
		first.Verdict = v
		c.Results = append(c.Results, first)
	}
	var l Load
	fillHostile(reflect.ValueOf(&l).Elem())
	due, send := l.Latencies[0], l.Latencies[0]
	due.From, send.From = FromDue, FromSend
	l.Latencies = append(l.Latencies, due, send)
	c.Outcome, l.Outcome = OutcomeFail, OutcomeInconclusive
	return Bundle{Conformance: &c, Load: &l}
}

var (
	htmlTag = regexp.MustCompile(`<[!/a-zA-Z][^>]*>`)
	// loaded is what would make a browser fetch something or run something.
	loaded = regexp.MustCompile(`(?i)<(script|img|link|iframe|object|embed|base|form)|\s(src|on\w+|action)\s*=|@import|url\(|javascript:|(href)="(https?:)?//`)
)

// withoutScript takes the page's own script off, which has to be there once.
func withoutScript(t *testing.T, html string) string {
	t.Helper()
	own := "<script>" + pageScript + "</script>"
	if n := strings.Count(html, own); n != 1 {
		t.Errorf("the page has its script %d times", n)
	}
	return strings.ReplaceAll(html, own, "")
}

func TestHTMLEscapesEverything(t *testing.T) {
	got := string(rendered(t, func(w io.Writer) error { return WriteHTML(w, hostileBundle()) }))
	got = withoutScript(t, got)
	for _, tag := range htmlTag.FindAllString(got, -1) {
		if hit := loaded.FindString(tag); hit != "" {
			t.Errorf("the page has %q in %.200s", hit, tag)
		}
	}
	if n := strings.Count(got, "</style>"); n != 1 {
		t.Errorf("the style ends %d times", n)
	}
	if !strings.Contains(got, "&lt;script&gt;") {
		t.Error("the hostile text is nowhere on the page: the test shows nothing")
	}
}

func TestHTMLLoadsNothing(t *testing.T) {
	b := Bundle{Conformance: readModel(t, "fail").Conformance, Load: readModel(t, "load-bottleneck").Load}
	got := withoutScript(t, string(rendered(t, func(w io.Writer) error { return WriteHTML(w, b) })))
	if hit := loaded.FindString(got); hit != "" {
		t.Errorf("the page has %q", hit)
	}
}

func TestTextIsPrintable(t *testing.T) {
	b := hostileBundle()
	for name, write := range map[string]func(io.Writer) error{
		"conformance": func(w io.Writer) error { return WriteConformanceText(w, b.Conformance, TextOptions{Verbose: true}) },
		"load":        func(w io.Writer) error { return WriteLoadText(w, b.Load, TextOptions{Verbose: true}) },
	} {
		t.Run(name, func(t *testing.T) {
			got := string(rendered(t, write))
			for line := range strings.Lines(got) {
				line = strings.TrimSuffix(line, "\n")
				if i := strings.IndexFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
					t.Errorf("the line %q has a character that a terminal obeys", line)
				}
			}
			if !strings.Contains(got, `\x1b[2J`) {
				t.Error("the hostile text is nowhere in the summary: the test shows nothing")
			}
		})
	}
}

// A parser reads the hostile text back, less the characters that XML cannot hold.
func TestJUnitEscapesEverything(t *testing.T) {
	b := hostileBundle()
	suite := parseJUnit(t, rendered(t, func(w io.Writer) error { return WriteJUnit(w, b.Conformance) }))
	want := strings.NewReplacer("\x1b", "\uFFFD", "\x00", "\uFFFD").Replace(hostile)
	for _, c := range suite.Cases {
		if !strings.HasPrefix(c.Name, want+" [") && c.Name != "expected failures" {
			t.Errorf("name %q", c.Name)
		}
		if c.Failure != nil && c.Failure.Message != want {
			t.Errorf("message %q, want %q", c.Failure.Message, want)
		}
	}
}

// full is a disk without room for more than n bytes.
type full struct{ n int }

var errFull = errors.New("no space left on device")

func (f *full) Write(b []byte) (int, error) {
	if f.n -= len(b); f.n < 0 {
		return 0, errFull
	}
	return len(b), nil
}

// No rendering takes a full disk for success.
func TestWriteErrorsAreReported(t *testing.T) {
	c, l := readModel(t, "fail").Conformance, readModel(t, "load-good").Load
	for name, write := range map[string]func(io.Writer) error{
		"conformance text": func(w io.Writer) error { return WriteConformanceText(w, c, TextOptions{}) },
		"conformance JSON": func(w io.Writer) error { return WriteConformanceJSON(w, c) },
		"JUnit":            func(w io.Writer) error { return WriteJUnit(w, c) },
		"HTML":             func(w io.Writer) error { return WriteHTML(w, Bundle{Conformance: c, Load: l}) },
		"load text":        func(w io.Writer) error { return WriteLoadText(w, l, TextOptions{}) },
		"Markdown":         func(w io.Writer) error { return WriteMarkdown(w, Bundle{Conformance: c, Load: l}) },
		"timeline CSV":     func(w io.Writer) error { return WriteTimelineCSV(w, l) },
		"load JSON":        func(w io.Writer) error { return WriteLoadJSON(w, l) },
		"histogram":        func(w io.Writer) error { return WriteHistogram(w, histogramOf(t, l)) },
	} {
		t.Run(name, func(t *testing.T) {
			whole := len(rendered(t, write))
			for _, room := range []int{0, 1, whole / 2, whole - 1} {
				if err := write(&full{room}); !errors.Is(err, errFull) {
					t.Errorf("room for %d of %d bytes: got %v", room, whole, err)
				}
			}
		})
	}
}

// histogramOf is the first latency that has a histogram.
func histogramOf(t *testing.T, l *Load) Latency {
	t.Helper()
	for _, latency := range l.Latencies {
		if latency.Histogram != "" {
			return latency
		}
	}
	t.Fatal("no latency has a histogram")
	return Latency{}
}

// parsedSuite is what a continuous integration reads, told apart from the
// types that wrote it.
type parsedSuite struct {
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Cases    []parsedCase `xml:"testcase"`
}

type parsedCase struct {
	Name      string         `xml:"name,attr"`
	Class     string         `xml:"classname,attr"`
	Time      float64        `xml:"time,attr"`
	Failure   *parsedMessage `xml:"failure"`
	Error     *parsedMessage `xml:"error"`
	Skipped   *parsedMessage `xml:"skipped"`
	SystemOut string         `xml:"system-out"`
}

type parsedMessage struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

func parseJUnit(t *testing.T, text []byte) parsedSuite {
	t.Helper()
	var parsed struct {
		XMLName xml.Name      `xml:"testsuites"`
		Suites  []parsedSuite `xml:"testsuite"`
	}
	if err := xml.Unmarshal(text, &parsed); err != nil {
		t.Fatal(err)
	}
	if len(parsed.Suites) != 1 {
		t.Fatalf("%d suites, want 1", len(parsed.Suites))
	}
	return parsed.Suites[0]
}
