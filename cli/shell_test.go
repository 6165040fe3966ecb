package cli

import (
	"os/exec"
	"strings"
	"testing"
)

// TestShellLine has a shell read what it wrote.
func TestShellLine(t *testing.T) {
	words := []string{"printf", "%s\n", "plain", "two words", "it's", "$HOME", "a*b", "", "--filter", "qos && !udp"}
	out, err := exec.Command("sh", "-c", shellLine(words)).Output()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(out), strings.Join(words[2:], "\n")+"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
