package host

import (
	"errors"
	"testing"

	"imcheck/loadgen/options"
)

func TestParseSources(t *testing.T) {
	tests := []struct {
		list        string
		n           int
		first, last string
	}{
		{"127.0.0.1", 1, "127.0.0.1", "127.0.0.1"},
		{"127.0.0.1-127.0.0.200", 200, "127.0.0.1", "127.0.0.200"},
		{"127.0.0.250-127.0.1.5", 12, "127.0.0.250", "127.0.1.5"},
		{"127.1.0.0/24", 256, "127.1.0.0", "127.1.0.255"},
		{"127.1.0.77/24", 256, "127.1.0.0", "127.1.0.255"},
		{"10.0.0.5/32", 1, "10.0.0.5", "10.0.0.5"},
		{"127.0.0.1, 127.0.0.3 ,127.0.0.8/31", 4, "127.0.0.1", "127.0.0.9"},
		{"255.255.255.254-255.255.255.255", 2, "255.255.255.254", "255.255.255.255"},
		{"::1", 1, "::1", "::1"},
		{"fd00::fffe-fd00::1:1", 4, "fd00::fffe", "fd00::1:1"},
		{"fd00::/120,127.0.0.1", 257, "fd00::", "127.0.0.1"},
		{"fe80::1%lo", 1, "fe80::1%lo", "fe80::1%lo"},
		{"127.0.0.0/16", maxSources, "127.0.0.0", "127.0.255.255"},
	}
	for _, test := range tests {
		got, err := ParseSources(test.list)
		if err != nil || len(got) != test.n || got[0].String() != test.first || got[len(got)-1].String() != test.last {
			t.Errorf("%s: %d addresses, %v; want %d from %s to %s", test.list, len(got), err, test.n, test.first, test.last)
		}
	}
}

func TestParseSourcesRefuses(t *testing.T) {
	for _, list := range []string{
		"", "localhost", "127.0.0.1,", "127.0.0.1-", "127.0.0.9-127.0.0.1", "127.0.0.1/33", "::/0", "127.0.0.1-::1", "fe80::1%a-fe80::2%b",
		"127.0.0.0/15", "0.0.0.0/0",
	} {
		var refused *options.Error
		if got, err := ParseSources(list); !errors.As(err, &refused) || refused.Option != "sources" {
			t.Errorf("%q: %d addresses, %v; want a *options.Error for sources", list, len(got), err)
		}
	}
}
