package wire_test

import (
	"runtime"
	"strings"
	"testing"

	"imcheck/protocol/wire"
)

func TestClone(t *testing.T) {
	full := wire.NewQoSData("from", "to", "content", "fp")
	full.Bridge, full.UserType, full.ServerTime = true, 7, 9
	tests := []struct {
		m     wire.Message
		bytes int
	}{
		{full, len("from" + "to" + "content" + "fp")},
		{wire.Message{}, 0},
		{wire.Message{To: wire.Some(""), Fingerprint: wire.Some("ü")}, 2},
	}
	for _, test := range tests {
		if got := test.m.Clone(); got != test.m {
			t.Errorf("the copy of %s is %s", test.m, got)
		}
		if got := test.m.TextBytes(); got != test.bytes {
			t.Errorf("%s: texts of %d bytes, want %d", test.m, got, test.bytes)
		}
	}
}

// What is kept of a large body is as large as the texts of the message.
func TestCloneLetsTheBodyGo(t *testing.T) {
	const count, padding = 100, 1 << 20
	body := []byte(`{"type":2,"to":"u","unknown":"` + strings.Repeat("x", padding) + `"}`)
	kept := make([]wire.Message, count)
	before := heapAlloc()
	for i := range kept {
		m, err := wire.Decode(body)
		if err != nil {
			t.Fatal(err)
		}
		kept[i] = m.Clone()
	}
	if after := heapAlloc(); after > before+padding {
		t.Errorf("%d messages of a byte each keep %d bytes", count, after-before)
	}
	runtime.KeepAlive(kept)
}

// heapAlloc returns the bytes in use on the heap.
func heapAlloc() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
