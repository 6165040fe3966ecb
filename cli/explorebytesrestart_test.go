package cli

import (
	"testing"
	"time"
)

// A target that this program has started can be started anew.
func TestBytesRestart(t *testing.T) {
	var f exploreFlags
	flags := newFlags("explore")
	f.register(flags)
	if err := parseArguments(flags, []string{"--bytes", "--sense-mode", "3S"}); err != nil {
		t.Fatal(err)
	}
	first, stop, _, err := f.target.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	r := &bytesRun{flags: &f, stop: stop, bar: newProgress(t.Output())}
	defer func() { r.stop() }()
	if r.options(time.Now()).Restart == nil {
		t.Error("it is not started anew")
	}
	second, err := r.restart(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, on := range second.Transports() {
		if err := second.Probe(t.Context(), on, time.Second); err != nil {
			t.Error(err)
		}
		if on.Connected() && first.Probe(t.Context(), on, time.Second) == nil {
			t.Errorf("the first server still answers on %s", on)
		}
	}
}
