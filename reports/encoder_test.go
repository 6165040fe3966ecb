package reports_test

import (
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"imcheck/reports"
	"imcheck/reports/internal/reporttest"
)

// What the encoder writes the format's library reads, count by count, however
// often the encoder was used before.
func TestEncoderAgreesWithTheLibrary(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	many := reporttest.Histogram()
	for range 5000 {
		if err := many.RecordValue(random.Int64N(1 << (1 + random.IntN(25)))); err != nil {
			t.Fatal(err)
		}
	}
	frequent := reporttest.Histogram(3)
	if err := frequent.RecordValues(90_000, 1<<54); err != nil {
		t.Fatal(err)
	}
	tests := map[string]*hdrhistogram.Histogram{
		"empty":            reporttest.Histogram(),
		"zero":             reporttest.Histogram(0),
		"the ends":         reporttest.Histogram(0, time.Minute.Microseconds()),
		"a gap of one":     reporttest.Histogram(1, 3),
		"many":             many,
		"a frequent value": frequent,
		"another range":    hdrhistogram.New(1, 1000, 2),
	}
	var e reports.Encoder
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
	var e reports.Encoder
	h := reporttest.Histogram(1, 5000)
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
