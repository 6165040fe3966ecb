package operation_test

import (
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"imcheck/reference-server/operation"
)

// stuck is a writer that waits until it is let go.
type stuck struct {
	letGo chan struct{}
	mu    sync.Mutex
	text  strings.Builder
}

func (s *stuck) Write(b []byte) (int, error) {
	<-s.letGo
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

// Who does not read holds nobody up: lines that find no room are left out, which is said.
func TestLinesNeverWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &stuck{letGo: make(chan struct{})}
		lines := operation.NewLines(out)
		line := []byte(strings.Repeat("x", 1023) + "\n")
		if _, err := lines.Write(line); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // it is being written
		for range 1500 {
			_, _ = lines.Write(line)
		}
		close(out.letGo)
		lines.Close()
		got := out.text.String()
		if n := strings.Count(got, string(line)); n != 1025 {
			t.Errorf("%d lines were written, want 1025", n)
		}
		if !strings.Contains(got, "476 lines of the log were left out") {
			t.Errorf("it ends with %q", got[len(got)-100:])
		}
		if _, err := lines.Write(line); err != nil {
			t.Error(err)
		}
	})
}

// A writer that never returns does not keep a server from ending.
func TestLinesCloseGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := &stuck{letGo: make(chan struct{})}
		lines := operation.NewLines(out)
		_, _ = lines.Write([]byte("x\n"))
		began := time.Now()
		lines.Close()
		if took := time.Since(began); took != time.Second {
			t.Errorf("it took %v", took)
		}
		close(out.letGo)
	})
}
