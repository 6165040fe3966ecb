package reports

import (
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// What the encoder writes the format's library reads, count by count, however
// often the encoder was used before.
func TestEncoderAgreesWithTheLibrary(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	many := newTestHistogram()
	for range 5000 {
		if err := many.RecordValue(random.Int64N(1 << (1 + random.IntN(25)))); err != nil {
			t.Fatal(err)
		}
	}
	frequent := newTestHistogram(3)
	if err := frequent.RecordValues(90_000, 1<<54); err != nil {
		t.Fatal(err)
	}
	tests := map[string]*hdrhistogram.Histogram{
		"empty":            newTestHistogram(),
		"zero":             newTestHistogram(0),
		"the ends":         newTestHistogram(0, time.Minute.Microseconds()),
		"a gap of one":     newTestHistogram(1, 3),
		"many":             many,
		"a frequent value": frequent,
		"another range":    hdrhistogram.New(1, 1000, 2),
	}
	var e Encoder
	for round := range 2 {
		for name, h := range tests {
			text, err := e.Encode(h)
			if err != nil {
				t.Fatal(err)
			}
			decoded, err := hdrhistogram.Decode(text)
			if err != nil || !decoded.Equals(h) || decoded.Max() != h.Max() || decoded.Min() != h.Min() {
				t.Errorf("round %d, %s: %v, or not the same counts", round, name, err)
			}
		}
	}
}

// The compressor is kept: encoding takes less than one of them would.
func TestEncoderKeepsItsCompressor(t *testing.T) {
	var e Encoder
	h := newTestHistogram(1, 5000)
	var before, after runtime.MemStats
	const rounds = 50
	runtime.ReadMemStats(&before)
	for range rounds {
		if _, err := e.Encode(h); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / rounds; each > 400_000 {
		t.Errorf("encoding allocates %d bytes", each)
	}
}
