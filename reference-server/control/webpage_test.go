package control_test

import (
	"net/http"
	"strings"
	"testing"
)

// from sends a request with headers of its own, Host among them, and returns the
// status.
func (b *bench) from(method, path, body string, headers map[string]string) int {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), method, "http://"+b.address+path, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	if host, ok := headers["Host"]; ok {
		request.Host = host
	}
	response, err := b.http.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// The names that a request may be addressed to.
func TestHosts(t *testing.T) {
	tests := []struct {
		configured, host string
		allowed          bool
	}{
		{"127.0.0.1", "127.0.0.1:7900", true},
		{"127.0.0.1", "127.0.0.1", true},
		{"127.0.0.1", "localhost:1", true},
		{"127.0.0.1", "LOCALHOST.:1", true},
		{"127.0.0.1", "imcheck.localhost", true},
		{"127.0.0.1", "[::1]:7900", true},
		{"127.0.0.1", "[::ffff:127.0.0.1]:7900", true},
		{"127.0.0.1", "127.1.2.3", true},
		{"127.0.0.1", "evil.example", false},
		{"127.0.0.1", "evil.example:7900", false},
		{"127.0.0.1", "127.0.0.1.evil.example", false},
		{"127.0.0.1", "notlocalhost", false},
		{"127.0.0.1", "localhost.evil.example", false},
		{"127.0.0.1", "192.0.2.1:7900", false},
		{"127.0.0.1", "0.0.0.0:7900", false},
		{"Imcheck.Example", "imcheck.example:7900", true},
		{"imcheck.example", "evil.example:7900", false},
		{"imcheck.example", "192.0.2.1", false},
		{"", "192.0.2.1:7900", true},
		{"0.0.0.0", "192.0.2.1:7900", true},
		{"::", "[2001:db8::1]:7900", true},
		{"0.0.0.0", "evil.example:7900", false},
		{"", "evil.example:7900", false},
	}
	for _, test := range tests {
		inBubbleAs(t, test.configured, func(b *bench) {
			want := map[bool]int{true: http.StatusOK, false: http.StatusForbidden}[test.allowed]
			if got := b.from("GET", "/v1/online", "", map[string]string{"Host": test.host}); got != want {
				b.Errorf("listening on %q, Host %q: %d, want %d", test.configured, test.host, got, want)
			}
		})
	}
}

// Nothing happens when a web page of somebody else asks for it.
func TestWebPages(t *testing.T) {
	const json = "application/json"
	tests := []struct {
		name    string
		headers map[string]string
		status  int
	}{
		{"no page", map[string]string{"Content-Type": json}, http.StatusNoContent},
		{"with a character set", map[string]string{"Content-Type": json + "; charset=utf-8"}, http.StatusNoContent},
		{"its own page", map[string]string{"Content-Type": json, "Origin": "http://localhost:7900", "Host": "localhost:7900"}, http.StatusNoContent},
		{"its own page, as browsers say", map[string]string{"Content-Type": json, "Sec-Fetch-Site": "same-origin"}, http.StatusNoContent},
		{"another page", map[string]string{"Content-Type": json, "Origin": "https://evil.example"}, http.StatusForbidden},
		{"a page of another port", map[string]string{"Content-Type": json, "Origin": "http://localhost:7901", "Host": "localhost:7900"}, http.StatusForbidden},
		{"a page without a name", map[string]string{"Content-Type": json, "Origin": "null"}, http.StatusForbidden},
		{"another page, as browsers say", map[string]string{"Content-Type": json, "Sec-Fetch-Site": "cross-site"}, http.StatusForbidden},
		{"a page of the same site", map[string]string{"Content-Type": json, "Sec-Fetch-Site": "same-site"}, http.StatusForbidden},
		{"a page whose name leads here", map[string]string{"Content-Type": json, "Origin": "http://evil.example", "Host": "evil.example"}, http.StatusForbidden},
		{"a form", map[string]string{"Content-Type": "text/plain"}, http.StatusUnsupportedMediaType},
		{"another form", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, http.StatusUnsupportedMediaType},
		{"a kind that looks like it", map[string]string{"Content-Type": "text/plain; application/json"}, http.StatusUnsupportedMediaType},
		{"no kind", nil, http.StatusUnsupportedMediaType},
	}
	for _, test := range tests {
		inBubble(t, func(b *bench) {
			done := test.status == http.StatusNoContent
			if got := b.from("POST", "/v1/kick", `{"user":"u","code":7}`, test.headers); got != test.status {
				b.Errorf("%s: kick: %d, want %d", test.name, got, test.status)
			}
			if got := b.from("POST", "/v1/s2c", `{"to":"u","dataContent":"x"}`, test.headers); got != test.status && !(done && got == http.StatusOK) {
				b.Errorf("%s: push: %d, want %d", test.name, got, test.status)
			}
			if (len(b.fake.kicked) > 0) != done || (len(b.fake.pushed) > 0) != done {
				b.Errorf("%s: kicked %v, pushed %v", test.name, b.fake.kicked, b.fake.pushed)
			}
			if test.status == http.StatusForbidden {
				for _, path := range []string{"/v1/info", "/v1/online", "/v1/events", "/"} {
					if got := b.from("GET", path, "", test.headers); got != http.StatusForbidden {
						b.Errorf("%s: GET %s: %d, want 403", test.name, path, got)
					}
				}
			}
		})
	}
}
