package webguard

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// A request is answered when it is addressed to this program by a name that nobody else can
// lead here, and no page of another origin has made it.
func TestCheck(t *testing.T) {
	for name, test := range map[string]struct {
		configured, host, site, origin string
		refused                        string // part of the error, "" for none
	}{
		"by its address":           {"127.0.0.1", "127.0.0.1:9200", "same-origin", "", ""},
		"typed by a user":          {"127.0.0.1", "localhost:9200", "none", "", ""},
		"by a program":             {"127.0.0.1", "[::1]:9200", "", "", ""},
		"by the configured name":   {"im.example", "IM.example:9200", "", "http://im.example:9200", ""},
		"on every address":         {"0.0.0.0", "192.0.2.1:9200", "", "", ""},
		"a name that leads here":   {"0.0.0.0", "evil.example:9200", "", "", `the page is not called "evil.example:9200"`},
		"another address":          {"127.0.0.1", "192.0.2.1:9200", "", "", "the page is not called"},
		"by a page of others":      {"127.0.0.1", "127.0.0.1:9200", "cross-site", "", "may not use the page"},
		"by a page of an old kind": {"127.0.0.1", "127.0.0.1:9200", "", "http://evil.example", "may not use the page"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Host = test.host
		for header, value := range map[string]string{"Sec-Fetch-Site": test.site, "Origin": test.origin} {
			if value != "" {
				r.Header.Set(header, value)
			}
		}
		err := Check(r, test.configured, "the page")
		if (err != nil) != (test.refused != "") || err != nil && !strings.Contains(err.Error(), test.refused) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
