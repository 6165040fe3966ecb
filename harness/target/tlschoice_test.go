package target_test

import (
	"crypto/tls"
	"strings"
	"testing"

	"imcheck/harness/target"
	"imcheck/protocol/wire"
)

// Which transports have TLS, by the settings, the choice and the scheme of a URL.
func TestSetTLS(t *testing.T) {
	for _, test := range []struct {
		settings     bool
		choice, ws   string
		want, refuse string // the transports that have TLS; or a part of the error
	}{
		{false, "", "127.0.0.1:1", "", ""},
		{true, "", "127.0.0.1:1", "tcp ws", ""},
		{true, "", "", "tcp ws", ""},
		{true, "", "ws://a/", "tcp", ""},
		{true, "", "wss://a/", "ws", ""},
		{false, "", "wss://a/", "ws", ""},
		{false, "tcp", "wss://a/", "tcp ws", ""},
		{false, "true", "wss://a/", "tcp ws", ""},
		{false, "true", "127.0.0.1:1", "tcp ws", ""},
		{true, "tcp", "127.0.0.1:1", "tcp", ""},
		{true, "ws", "127.0.0.1:1", "ws", ""},
		{true, "tcp,ws", "127.0.0.1:1", "tcp ws", ""},
		{true, "false", "127.0.0.1:1", "", ""},
		{false, "tcp", "ws://a/", "tcp", ""},
		{false, "ws", "ws://a/", "", "which has no TLS"},
		{false, "false", "wss://a/", "", "which has TLS"},
		{false, "udp", "127.0.0.1:1", "", `"udp" is not a transport that can have TLS`},
		{false, "tcp,", "127.0.0.1:1", "", `"" is not a transport`},
	} {
		under := &target.Target{}
		under.Addresses[wire.TCP], under.Addresses[wire.WS] = "127.0.0.1:2", test.ws
		var choice target.TLSChoice
		var settings *tls.Config
		var err error
		if test.choice != "" {
			choice, err = target.ParseTLSChoice(test.choice)
		}
		if test.settings {
			settings = &tls.Config{ServerName: "x"}
		}
		if err == nil {
			err = under.SetTLS(settings, choice)
		}
		var got []string
		for kind, config := range under.TLS {
			if config != nil {
				got = append(got, wire.Transport(kind).String())
			}
		}
		switch {
		case test.refuse != "":
			if err == nil || !strings.Contains(err.Error(), test.refuse) {
				t.Errorf("%+v: %v", test, err)
			}
		case err != nil || strings.Join(got, " ") != test.want:
			t.Errorf("%+v: TLS on %q, %v", test, got, err)
		}
	}
}
