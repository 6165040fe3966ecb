package page

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"imcheck/reports"
	"imcheck/reports/content"
	"imcheck/reports/internal/reporttest"
)

func TestNeedsAReport(t *testing.T) {
	if err := Write(io.Discard, reports.Bundle{}); err == nil {
		t.Error("an empty page was written")
	}
}

func TestTitleStartsWithTheVerdict(t *testing.T) {
	b := reports.Bundle{Conformance: reporttest.Model(t, "fail").Conformance, Load: reporttest.Model(t, "load-good").Load}
	tests := map[string]reports.Bundle{
		"<title>FAIL conformance</title>":            {Conformance: b.Conformance},
		"<title>PASS load</title>":                   {Load: b.Load},
		"<title>FAIL conformance, PASS load</title>": b,
	}
	for want, bundle := range tests {
		if got := string(reporttest.Rendered(t, func(w io.Writer) error { return Write(w, bundle) })); !strings.Contains(got, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

// Each case has a row with a cell for each transport, and a verdict in words.
func TestMatrix(t *testing.T) {
	c := reporttest.Model(t, "fail").Conformance
	view := newConformanceView(c, nil)
	cells := 0
	for _, area := range view.Areas {
		for _, row := range area.Cases {
			if len(row.Cells) != 3 {
				t.Errorf("%s has %d cells", row.ID, len(row.Cells))
			}
			for _, cell := range row.Cells {
				if cell.Ran {
					cells++
				}
			}
		}
	}
	if cells != len(c.Results) {
		t.Errorf("%d cells for %d results", cells, len(c.Results))
	}
	html := ""
	for _, shown := range []reports.Bundle{{Conformance: c}, reporttest.Model(t, "known")} {
		html += string(reporttest.Rendered(t, func(w io.Writer) error { return Write(w, shown) }))
	}
	for _, v := range reports.Verdicts {
		if !strings.Contains(html, "</span> "+content.VerdictWords[v].Word+"</span>") {
			t.Errorf("no cell says %q", content.VerdictWords[v].Word)
		}
	}
}

// Of a case that was repeated often the worst results are shown, and how many
// there are beside them.
func TestPageOfManyRounds(t *testing.T) {
	c := &reports.Conformance{Header: reports.Header{Outcome: reports.OutcomeFail}}
	for round := range 3 * maxResults {
		c.Results = append(c.Results, reports.Result{Case: "a/b", Transport: "udp", Round: round + 1, Verdict: reports.Pass})
	}
	c.Results[maxResults+1].Verdict = reports.Fail
	row := newConformanceView(c, nil).Areas[0].Cases[0]
	if len(row.Results) != maxResults || row.Results[0].Verdict != reports.Fail {
		t.Errorf("%d results, the first of them %q", len(row.Results), row.Results[0].Verdict)
	}
	if want := "20 more on udp, none of them worse"; len(row.More) != 1 || row.More[0] != want {
		t.Errorf("it says %q, want %q", row.More, want)
	}
}

func TestLocalFile(t *testing.T) {
	tests := map[string]string{
		"traces/a.txt":        "./traces/a.txt",
		"javascript:alert(1)": "./javascript:alert(1)",
		"../outside":          "",
		"/etc/passwd":         "",
		"":                    "",
	}
	for name, want := range tests {
		if got := localFile(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestGolden(t *testing.T) {
	for _, name := range reporttest.Models {
		t.Run(name, func(t *testing.T) {
			b := reporttest.Model(t, name)
			got := reporttest.Rendered(t, func(w io.Writer) error { return Write(w, b) })
			reporttest.Golden(t, reporttest.Bare(got), "golden", name+".html")
		})
	}
	t.Run("both", func(t *testing.T) {
		b := reports.Bundle{Conformance: reporttest.Model(t, "fail").Conformance, Load: reporttest.Model(t, "load-good").Load}
		got := reporttest.Rendered(t, func(w io.Writer) error { return Write(w, b) })
		reporttest.Golden(t, reporttest.Bare(got), "golden", "both.html")
	})
	t.Run("under load", func(t *testing.T) {
		got := reporttest.Rendered(t, func(w io.Writer) error { return Write(w, reports.Bundle{Conformance: reporttest.UnderLoad()}) })
		reporttest.Golden(t, reporttest.Bare(got), "golden", "underload.html")
	})
	t.Run("traces", func(t *testing.T) {
		b := reporttest.Model(t, "fail")
		b.Folder = os.DirFS(filepath.Join("testdata", "folder"))
		got := reporttest.Rendered(t, func(w io.Writer) error { return Write(w, b) })
		reporttest.Golden(t, reporttest.Bare(got), "golden", "traces.html")
	})
}

func TestPageSaysThatThePathWasImpaired(t *testing.T) {
	c := reporttest.Model(t, "pass").Conformance
	c.Impairment = reporttest.Impaired(7, "udp: drop=4%")
	got := string(reporttest.Rendered(t, func(w io.Writer) error { return Write(w, reports.Bundle{Conformance: c}) }))
	if want := `<p class="quiet">path impaired: udp drop 4 %; seed 7; dropped 100 of 2,500 datagrams`; !strings.Contains(got, want) {
		t.Errorf("the page lacks %s", want)
	}
}
