package machine

import (
	"math"
	"os"
	"testing"
)

func TestResidentBytesOf(t *testing.T) {
	if n, err := ResidentBytesOf(os.Getpid()); err != nil || n < 1<<20 || ResidentBytes() < 1<<20 {
		t.Errorf("%d bytes, %v", n, err)
	}
	if n, err := ResidentBytesOf(math.MaxInt32); err == nil {
		t.Errorf("a process that is not there has %d bytes", n)
	}
}
