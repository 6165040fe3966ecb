package host

import (
	"runtime"
	"testing"

	"imcheck/harness/machine"
	"imcheck/reports"
)

func TestBytesPerClient(t *testing.T) {
	tests := []struct{ before, after, want int64 }{{100, 1100, 100}, {0, 1100, 0}, {100, 0, 0}, {1100, 100, 0}}
	for _, test := range tests {
		if got := (Usage{Resident: test.before}).BytesPerClient(test.after, 10); got != test.want {
			t.Errorf("from %d to %d bytes: %d a client, want %d", test.before, test.after, got, test.want)
		}
	}
}

func TestUsage(t *testing.T) {
	before := TakeUsage()
	runtime.GC()
	runtime.GC()
	var g reports.Generator
	before.Since(&g)
	if g.GCs < 2 || g.GCPauseTotalUs < 0 || g.GCPauseMaxUs > g.GCPauseTotalUs+int64(g.GCs) {
		t.Errorf("got %+v, want two collections and more, and their pauses", g)
	}
	if files := machine.OpenFiles(); runtime.GOOS == "linux" && files < 3 {
		t.Errorf("%d files are open, fewer than the standard streams", files)
	}
}
