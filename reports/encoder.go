package reports

import (
	"bytes"
	"compress/zlib"
	"encoding/base64"
	"encoding/binary"
	"math"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Marks of the V2 encoding, with the bit for counts of variable length.
const (
	plainMark  = uint32(hdrhistogram.V2EncodingCookieBase) | 0x10
	packedMark = uint32(hdrhistogram.V2CompressedEncodingCookieBase) | 0x10
)

// encoder writes histograms in the compressed V2 encoding and base64, as
// Histogram.Encode does. That one allocates a compressor of almost a megabyte each
// time; this one reuses it, as a run encodes dozens of histograms every second, and its
// memory should be that of its clients.
type encoder struct {
	plain  []byte
	packed bytes.Buffer
	zip    *zlib.Writer
	text   []byte
}

// encode returns the text, which is valid until the next call.
func (e *encoder) encode(h *hdrhistogram.Histogram) ([]byte, error) {
	e.plain = appendPlain(e.plain[:0], h.Export().Counts, h)
	e.packed.Reset()
	if e.zip == nil {
		e.zip = zlib.NewWriter(&e.packed)
	}
	e.packed.Write(make([]byte, 8)) // the mark and the length, which is not known yet
	e.zip.Reset(&e.packed)
	if _, err := e.zip.Write(e.plain); err != nil {
		return nil, err
	}
	if err := e.zip.Close(); err != nil {
		return nil, err
	}
	packed := e.packed.Bytes()
	binary.BigEndian.PutUint32(packed, packedMark)
	binary.BigEndian.PutUint32(packed[4:], uint32(len(packed)-8))
	e.text = base64.StdEncoding.AppendEncode(e.text[:0], packed)
	return e.text, nil
}

// appendPlain appends the encoding before its compression: the range and the
// resolution, then the counts up to the last one that is not 0. A negative number
// means that many zeros.
func appendPlain(b []byte, counts []int64, h *hdrhistogram.Histogram) []byte {
	start := len(b)
	b = binary.BigEndian.AppendUint32(b, plainMark)
	b = binary.BigEndian.AppendUint32(b, 0) // the length, below
	b = binary.BigEndian.AppendUint32(b, 0) // counts are not rotated
	b = binary.BigEndian.AppendUint32(b, uint32(h.SignificantFigures()))
	b = binary.BigEndian.AppendUint64(b, uint64(h.LowestTrackableValue()))
	b = binary.BigEndian.AppendUint64(b, uint64(h.HighestTrackableValue()))
	b = binary.BigEndian.AppendUint64(b, math.Float64bits(1)) // values are whole numbers
	body := len(b)
	zeros := int64(0)
	for _, n := range counts {
		if n == 0 {
			zeros++
			continue
		}
		if zeros > 0 {
			b = binary.AppendVarint(b, -zeros)
			zeros = 0
		}
		b = binary.AppendVarint(b, n) // the same as the format's own up to 2⁵⁵
	}
	binary.BigEndian.PutUint32(b[start+4:], uint32(len(b)-body))
	return b
}
