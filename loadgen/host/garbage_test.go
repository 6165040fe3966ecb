package host

import (
	"os"
	"runtime/debug"
	"testing"
)

func TestRestrainGarbage(t *testing.T) {
	const usual = 77
	defer debug.SetGCPercent(debug.SetGCPercent(usual))
	percent := func() int {
		is := debug.SetGCPercent(usual)
		debug.SetGCPercent(is)
		return is
	}
	tests := []struct {
		name    string
		clients int
		gogc    string
		want    int
	}{
		{"few clients", ManyClients - 1, "", usual},
		{"many clients", ManyClients, "", garbagePercent},
		{"many clients and a setting of the user", ManyClients, "200", usual},
	}
	for _, test := range tests {
		t.Setenv("GOGC", test.gogc)
		if test.gogc == "" {
			_ = os.Unsetenv("GOGC") // t.Setenv restores it
		}
		restore := RestrainGarbage(test.clients)
		if got := percent(); got != test.want {
			t.Errorf("%s: GOGC is %d, want %d", test.name, got, test.want)
		}
		if restore(); percent() != usual {
			t.Errorf("%s: GOGC is %d afterwards, want %d", test.name, percent(), usual)
		}
	}
}
