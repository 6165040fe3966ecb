package reports

import "testing"

func TestAddressList(t *testing.T) {
	got := Target{
		Addresses:  map[string]string{"ws": "a:3", "control": "a:9", "udp": "a:1"},
		SenseModes: map[string]string{"udp": "3S"},
	}.AddressList()
	if want := "udp a:1 (3S), ws a:3, control a:9"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
