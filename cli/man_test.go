package cli

import "testing"

// TestRoff holds that a text stays as it is, whatever roff means by its characters.
func TestRoff(t *testing.T) {
	var page roff
	page.request("TH", `A-B`, ``, `"quoted"`)
	page.entry("--a", ".b 'c' `d` \\e ^~")
	page.text("One\nline.\n\n  kept\n    as it is\n\n  still\n.Two")
	const want = `.TH "A\-B" "" "\(dqquoted\(dq"
.TP
.B \-\-a
\&.b \(aqc\(aq \(gad\(ga \ee \(ha\(ti
One
line.
.PP
.nf
  kept
    as it is
.fi
.PP
.nf
  still
.fi
\&.Two
`
	if got := page.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
