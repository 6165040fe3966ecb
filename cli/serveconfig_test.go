package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The example has every flag that a configuration may have, and is one that can be read when
// its keys are no comments any more.
func TestExampleConfigIsComplete(t *testing.T) {
	text, err := exampleConfig("")
	if err != nil {
		t.Fatal(err)
	}
	flags := newFlags("serve")
	new(serveFlags).register(flags)
	for _, key := range configKeys(flags) {
		if !strings.Contains(string(text), "\n#"+key+": ") {
			t.Errorf("there is no %s", key)
		}
	}
	file := filepath.Join(t.TempDir(), "serve.yaml")
	used := regexp.MustCompile(`(?m)^#([a-z-]+: )`).ReplaceAll(text, []byte("$1"))
	if err := os.WriteFile(file, used, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := readConfig(flags, file); err != nil {
		t.Errorf("%v in\n%s", err, used)
	}
	for key, sample := range configSamples {
		if got := flags.Lookup(key).Value.String(); got != sample {
			t.Errorf("%s is %s, want %s", key, got, sample)
		}
	}
}

// What the command line and the environment have said stays.
func TestConfigComesLast(t *testing.T) {
	flags := newFlags("serve")
	var f serveFlags
	f.register(flags)
	if err := parseArguments(flags, []string{"--sense-mode", "3S", "--fault", "a"}); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "serve.yaml")
	if err := os.WriteFile(file, []byte("sense-mode: 60S\nfault: [b, c]\nvariant: [d, e]\nstamp: true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := readConfig(flags, file); err != nil {
		t.Fatal(err)
	}
	if f.modes != "3S" || strings.Join(f.faults, " ") != "a" || strings.Join(f.variants, " ") != "d e" || !f.config.Stamp {
		t.Errorf("modes %s, faults %q, variants %q, stamp %t", f.modes, f.faults, f.variants, f.config.Stamp)
	}
}
