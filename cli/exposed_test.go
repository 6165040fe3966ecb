package cli

import (
	"strings"
	"testing"
)

func TestWarnOfExposure(t *testing.T) {
	const users = "whoever can reach it can log in as anybody."
	tests := []struct {
		udp, tcp, control string
		profile           bool
		want              []string // parts of the warning; none for no warning
	}{
		{"127.0.0.1:7901", "127.0.0.2:8901", "[::1]:7900", false, nil},
		{"", "[::ffff:127.0.0.1]:8901", "", false, nil},
		{"0.0.0.0:7901", "127.0.0.1:8901", "127.0.0.1:7900", false, []string{"(udp on 0.0.0.0:7901)", users}},
		{"127.0.0.1:7901", "[::]:8901", "", false, []string{"(tcp on [::]:8901)", users}},
		{"192.0.2.1:7901", "192.0.2.1:8901", "192.0.2.1:7900", false, []string{"(udp on 192.0.2.1:7901, tcp on 192.0.2.1:8901, control on 192.0.2.1:7900)", "kick users"}},
		{"127.0.0.1:7901", "", "[2001:db8::1]:7900", true, []string{"kick users", "from its profiles"}},
		{"0.0.0.0:7901", "", "127.0.0.1:7900", true, []string{users}},
		{"", "", "[2001:db8::1]:7900", false, []string{"(control on [2001:db8::1]:7900)", "kick users"}},
	}
	for _, test := range tests {
		var out, err strings.Builder
		(&app{out: &out, err: &err}).warnOfExposure([]listening{{"udp", test.udp}, {"tcp", test.tcp}, {"control", test.control}}, false, test.profile)
		if out.Len() != 0 || (err.Len() > 0) != (test.want != nil) || strings.Count(err.String(), "\n") > 1 {
			t.Errorf("%+v: out %q, err %q", test, out.String(), err.String())
		}
		for _, part := range test.want {
			if !strings.Contains(err.String(), part) {
				t.Errorf("%+v: %q lacks %q", test, err.String(), part)
			}
		}
	}
}
