package process

import "sync"

// tailSize is the size of the kept end of the output of a process, in bytes.
const tailSize = 4 << 10

// Tail keeps the end of what is written to it, from any goroutine. Its zero value is ready
// for use.
type Tail struct {
	mu   sync.Mutex
	text []byte
}

// Write keeps the end of what has been written.
func (t *Tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if surplus := len(t.text) - tailSize; surplus > 0 {
		t.text = append(t.text[:0], t.text[surplus:]...)
	}
	return len(b), nil
}

// String returns what is kept.
func (t *Tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(t.text)
}
