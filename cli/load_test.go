package cli

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// thresholdsOf are those that a load is judged by.
func thresholdsOf(t *testing.T, args ...string) (texts []string) {
	t.Helper()
	var f loadFlags
	flags := newFlags("load")
	f.register(flags)
	if err := parseArguments(flags, args); err != nil {
		t.Fatal(err)
	}
	if err := f.readScenario(); err != nil {
		t.Fatal(err)
	}
	if err := f.readThresholds(); err != nil {
		t.Fatal(err)
	}
	for _, threshold := range f.swarm.Thresholds {
		texts = append(texts, threshold.String())
	}
	return texts
}

// Thresholds of a scenario file count, and flags add to them.
func TestThresholdsOfScenarioFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "s.yaml")
	if err := os.WriteFile(file, []byte("scenario: idle\nthresholds: [login.p99<1s, login.count==5]\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ args, want []string }{
		{[]string{"--scenario", file}, []string{"login.p99<1s", "login.count==5"}},
		{[]string{"--scenario", file, "--threshold", "login.p50<1s"}, []string{"login.p99<1s", "login.count==5", "login.p50<1s"}},
		{[]string{"--scenario", file, "--threshold", "login.count==5"}, []string{"login.p99<1s", "login.count==5"}},
		{[]string{"--threshold", "login.p50<1s"}, []string{"login.p50<1s"}},
		{nil, nil},
	} {
		if got := thresholdsOf(t, test.args...); !slices.Equal(got, test.want) {
			t.Errorf("%q: got %q, want %q", test.args, got, test.want)
		}
	}
}
