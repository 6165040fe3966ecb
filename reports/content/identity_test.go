package content_test

import (
	"testing"

	"imcheck/reports"
	"imcheck/reports/content"
)

func TestJudgedWords(t *testing.T) {
	known := reports.Target{Name: "chatd", Version: "2.1", Organization: "Example Ltd", URL: "https://im.example/chatd"}
	for _, test := range []struct {
		target  reports.Target
		version string
		want    string
	}{
		{reports.Target{}, "", ""},
		{reports.Target{}, "6.5", "version 6.5 of the protocol"},
		{reports.Target{Version: "2.1"}, "", "2.1"},
		{reports.Target{Name: "chatd"}, "6.5", "chatd, by version 6.5 of the protocol"},
		{known, "6.5", "chatd 2.1, Example Ltd, https://im.example/chatd, by version 6.5 of the protocol"},
	} {
		c := &reports.Conformance{Header: reports.Header{Target: test.target}, ProtocolVersion: test.version}
		if got := content.JudgedWords(c); got != test.want {
			t.Errorf("%+v, %q: %q, want %q", test.target, test.version, got, test.want)
		}
	}
}
