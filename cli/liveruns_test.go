package cli_test

import (
	"bufio"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"imcheck/cli"
)

var uiLine = regexp.MustCompile(`^ui: (http://[^ ]+)/$`)

// followed runs a command with --ui, follows its page from the start, and returns all that the
// page was sent, and the exit code.
func followed(t *testing.T, args ...string) (sent []string, code int) {
	t.Helper()
	told, stderr := io.Pipe()
	done := make(chan int, 1)
	go func() {
		done <- cli.Main(append(args, "--ui", "127.0.0.1:0"), strings.NewReader(""), io.Discard, stderr)
		stderr.Close()
	}()
	lines := bufio.NewScanner(told)
	address := ""
	for address == "" && lines.Scan() {
		if found := uiLine.FindStringSubmatch(lines.Text()); found != nil {
			address = found[1]
		}
	}
	go io.Copy(io.Discard, told)
	answer, err := http.Get(address + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	events := bufio.NewScanner(answer.Body)
	events.Buffer(nil, 1<<22)
	for events.Scan() {
		if data, ok := strings.CutPrefix(events.Text(), "data: "); ok {
			sent = append(sent, data)
		}
	}
	return sent, <-done
}

// Whoever follows a load from its start has its verdict in the end, though the process ends at
// once.
func TestFollowedLoad(t *testing.T) {
	t.Parallel()
	sent, code := followed(t, "load", "--sense-mode", "3S", "--clients", "10", "--ramp", "0s", "--warmup", "0s", "--duration", "2s", "--rate", "50")
	if !slices.Contains([]int{0, 4}, code) || len(sent) < 2 {
		t.Fatalf("exit code %d, %d updates", code, len(sent))
	}
	all := strings.Join(sent, "\n")
	for _, part := range []string{"Load, scenario steady", "of 10; ", "Now: steady", "c2c delivery", "/s delivered"} {
		if code == 0 && !strings.Contains(all, part) { // on a busy machine (4) there may have been no second to show
			t.Errorf("there is no %q in\n%.3000s", part, all)
		}
	}
	last := sent[len(sent)-1]
	if !strings.Contains(last, `"ended":true`) || !regexp.MustCompile(`"title":"(PASS|INCONCLUSIVE): Load, scenario steady"`).MatchString(last) {
		t.Errorf("in the end it was sent\n%.1000s", last)
	}
}

// The same of a run in several sense modes.
func TestFollowedSenseModes(t *testing.T) {
	if !*thorough {
		t.Skip("an expiry takes 7 s: make thorough runs it")
	}
	t.Parallel()
	sent, code := followed(t, "conform", "--sense-modes", "3S", "--case", "heartbeat/expiry", "--filter", "tcp")
	if !slices.Contains([]int{0, 4}, code) {
		t.Fatalf("exit code %d", code)
	}
	all := strings.Join(sent, "\n")
	for _, part := range []string{"measuring for ", "7.000 s", "1 of 1"} {
		if !strings.Contains(all, part) {
			t.Errorf("there is no %q in\n%.3000s", part, all)
		}
	}
	if last := sent[len(sent)-1]; !strings.Contains(last, `"ended":true`) || !strings.Contains(last, "PASS") && code == 0 {
		t.Errorf("in the end it was sent\n%.1000s", last)
	}
}
