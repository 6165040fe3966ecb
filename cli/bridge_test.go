package cli_test

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"imcheck/cli"
	"imcheck/internal/rabbitmqtest"
)

// The cases of the bridge, over sockets and a real RabbitMQ. No file of the run has the
// credentials of the broker.
func TestConformOverRabbitMQ(t *testing.T) {
	t.Parallel()
	at, out := rabbitmqtest.New(t).URL(), t.TempDir()
	var said strings.Builder
	code := cli.Main([]string{"conform", "--bridge-amqp", at, "--sense-mode", "3S", "--filter", "bridge", "--verbose", "--out", out}, strings.NewReader(""), &said, io.Discard)
	if text := said.String(); code != 0 && code != 4 || !strings.Contains(text, "bridge") || strings.Contains(text, "not supported") {
		t.Errorf("exit code %d:\n%.3000s", code, text)
	}
	err := filepath.WalkDir(out, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if strings.Contains(string(text), "guest") {
			t.Errorf("%s shows the credentials", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
