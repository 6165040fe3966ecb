package drive_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/harness/drive"
	"imcheck/harness/transport/memory"
	"imcheck/protocol/driverapi"
)

const login = `{"do":"login","transport":"tcp","host":"127.0.0.1","port":7,"user":"u","token":"t","senseMode":"3S"}` + "\n"

// Whatever it was told before, a driver ends with its input, and leaves nothing running: the
// end of the bubble shows it.
func TestEnds(t *testing.T) {
	tests := []struct{ name, commands, want string }{
		{"at once", "", ""},
		{"told to", `{"do":"exit"}` + "\nrubbish", ""},
		{"while it tries to connect", login, ""},
		{"after a second login", login + login, ""},
		{"after a logout before any login", `{"do":"logout"}` + "\n" + login + `{"do":"logout"}` + "\n", ""},
		{"on rubbish", login + "rubbish\n", "line 2 is not one of the driver contract"},
	}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			var out bytes.Buffer
			err := drive.Run(t.Context(), memory.New(), strings.NewReader(test.commands), &out, drive.Options{Version: "1"})
			if err == nil && test.want != "" || err != nil && (test.want == "" || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("%s: got %v, want %q", test.name, err, test.want)
			}
			e, err := driverapi.NewEventReader(&out).Next()
			if err != nil || e.Kind != driverapi.EventReady || e.Version != "1" || len(e.Transports) != 3 || len(e.Modes) != 7 {
				t.Errorf("%s: began with %v, %v", test.name, e, err)
			}
		})
	}
}

// A driver whose events cannot be written ends, with the reason.
func TestEventsThatCannotBeWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, commands := io.Pipe()
		defer commands.Close()
		out, events := io.Pipe()
		gone := errors.New("nobody reads")
		out.CloseWithError(gone)
		go func() { _, _ = io.WriteString(commands, `{"do":"send","to":"u","dataContent":"","qos":false}`+"\n") }()
		if err := drive.Run(t.Context(), memory.New(), in, events, drive.Options{}); !errors.Is(err, gone) {
			t.Errorf("got %v", err)
		}
	})
}

func TestContextEndsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		in, commands := io.Pipe()
		defer commands.Close()
		if err := drive.Run(ctx, memory.New(), in, io.Discard, drive.Options{}); err != nil {
			t.Errorf("got %v", err)
		}
	})
}

func TestFaultsHaveNames(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range drive.Faults() {
		if seen[f.Name] || !regexp.MustCompile(`^[a-z0-9-]+$`).MatchString(f.Name) || f.Does == "" || strings.HasSuffix(f.Does, ".") {
			t.Errorf("fault %q (%s) is there twice, or badly named or described", f.Name, f.Does)
		}
		if seen[f.Name] = true; f.Policy == nil && f.Receive == nil && f.Effects == nil && f.Both == nil && f.Network == nil && f.Again == nil {
			t.Errorf("fault %s does nothing", f.Name)
		}
	}
	found, err := drive.Find([]string{"ack-missing", "ack-twice"})
	if err != nil || len(found) != 2 || found[1].Name != "ack-twice" {
		t.Errorf("found %v, %v", found, err)
	}
	if _, err := drive.Find([]string{"dancing"}); err == nil || !strings.Contains(err.Error(), `"dancing"`) {
		t.Errorf("got %v", err)
	}
}
