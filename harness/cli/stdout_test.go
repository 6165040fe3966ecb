package cli_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"imcheck/harness/cli"
)

// closed is a reader of stdout that has gone.
type closed struct{}

var errClosed = errors.New("broken pipe")

func (closed) Write([]byte) (int, error) { return 0, errClosed }

// What was measured is in --out when nobody reads the summary any longer.
func TestFilesWithoutReader(t *testing.T) {
	for name, args := range map[string][]string{
		"report.json": {"conform", "--sense-mode", "3S", "--case", "login/accepted", "--filter", "tcp"},
		"load.json":   {"load", "--sense-mode", "3S", "--transport", "tcp", "--scenario", "idle", "--clients", "1", "--ramp", "0s", "--warmup", "0s", "--duration", "1s"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			var told bytes.Buffer
			if code := cli.Main(append(args, "--out", dir), strings.NewReader(""), closed{}, &told); code != 3 {
				t.Errorf("exit code %d, want 3", code)
			}
			if !strings.Contains(told.String(), errClosed.Error()) {
				t.Errorf("stderr does not say why:\n%s", &told)
			}
			for _, file := range []string{name, "report.html", "summary.md"} {
				if _, err := os.Stat(filepath.Join(dir, file)); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
