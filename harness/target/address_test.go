package target_test

import (
	"strings"
	"testing"

	"imcheck/harness/target"
	"imcheck/protocol/wire"
)

func TestParseAddress(t *testing.T) {
	for text, want := range map[string]struct {
		hosts, path string // each host as "name>dial"
		secure      bool
	}{
		"127.0.0.1:3000":                      {"127.0.0.1:3000>127.0.0.1:3000", "", false},
		"[::1]:3000":                          {"[::1]:3000>[::1]:3000", "", false},
		"[fe80::1%lo]:3000":                   {"[fe80::1%lo]:3000>[fe80::1%lo]:3000", "", false},
		"a:1, b:2":                            {"a:1>a:1 b:2>b:2", "", false},
		"ws://im.example":                     {"im.example>im.example:80", "/", false},
		"wss://im.example":                    {"im.example>im.example:443", "/", true},
		"WSS://im.example:8443/im?x=1,2":      {"im.example:8443>im.example:8443", "/im?x=1,2", true},
		"ws://[::1]:3000/a%20b":               {"[::1]:3000>[::1]:3000", "/a%20b", false},
		"ws://[fe80::1%25lo]:3000/":           {"[fe80::1%lo]:3000>[fe80::1%lo]:3000", "/", false},
		"wss://a/im?q=1,2,wss://b:8/im?q=1,2": {"a>a:443 b:8>b:8", "/im?q=1,2", true},
	} {
		a, err := target.ParseAddress(wire.WS, text)
		var hosts []string
		for _, host := range a.Hosts {
			hosts = append(hosts, host.Name+">"+host.Dial)
		}
		if got := strings.Join(hosts, " "); err != nil || got != want.hosts || a.Path != want.path || a.Secure != want.secure || a.URL != (want.path != "") {
			t.Errorf("%s: %q, path %q, TLS %t, %v; want %+v", text, got, a.Path, a.Secure, err, want)
		}
	}
}

func TestParseAddressRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "host:port",
		"im.example":                "host:port",
		"im.example:":               "host:port",
		":3000":                     "host:port",
		"im.example:http":           "not a number from 1 to 65535",
		"a:1,a:1":                   "named twice",
		"a:1,":                      "host:port",
		"a:1,ws://b/x":              "differ in their hosts only",
		"ws://a/x,ws://b/y":         "differ in their hosts only",
		"ws://a/,wss://a/":          "differ in their hosts only",
		"ftp://a/":                  `the scheme "ftp" is unknown`,
		"https://a/":                "write the URL with ws://",
		"ws://u:hidden@a/":          "--ws-header",
		"ws://a/#x":                 "fragment",
		"ws://a/#":                  "fragment",
		"ws://a:b/?hidden":          "cannot be read",
		"ws://a/?hidden=\u00e9":     "percent-encoded",
		"ws://a/%zz?hidden":         "cannot be read",
		strings.Repeat("a:1,", 300): "at most 256",
	} {
		_, err := target.ParseAddress(wire.WS, text)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%.40q: %v, want %q", text, err, want)
		}
	}
	if _, err := target.ParseAddress(wire.TCP, "ws://a:1/"); err == nil || !strings.Contains(err.Error(), "a URL is for --ws") {
		t.Errorf("a URL for TCP: %v", err)
	}
}

func TestShownAddress(t *testing.T) {
	for text, want := range map[string]string{
		"127.0.0.1:1":                     "127.0.0.1:1",
		"wss://a/im?room=1&Token=x&n":     "wss://a/im?room=1&Token=…&n",
		"ws://a/?apiKey=1,2,ws://b/?sig=": "ws://a/?apiKey=…,ws://b/?sig=…",
		"ws://u:p@a/":                     "ws://…@a/",
	} {
		if got := target.ShownAddress(text); got != want {
			t.Errorf("%s is shown as %s, want %s", text, got, want)
		}
	}
}
