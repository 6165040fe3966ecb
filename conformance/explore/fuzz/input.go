// Package fuzz sends a server what no client would send, on connections of its own, and
// watches what others notice of it: a healthy user has to be answered in time, users who
// are sent nothing have to see nothing, and the server must not grow.
package fuzz

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode"
	"unicode/utf8"

	"imcheck/protocol/wire"
)

// Input is a sequence of writes on a connection of its own.
type Input struct {
	On wire.Transport `json:"on"`
	// Handshake says that the first write asks for a WebSocket, and that the others wait
	// for the answer.
	Handshake bool     `json:"handshake,omitempty"`
	Writes    []Chunk  `json:"writes"` // on UDP datagrams
	End       End      `json:"end"`
	Kinds     []string `json:"kinds,omitempty"` // the mutations, for a reader
}

// End is a way to leave a connection once everything is written.
type End string

const (
	Close     End = "close"      // at once; a UDP address logs out
	HalfClose End = "half-close" // a FIN; what comes is read for a while
	Linger    End = "linger"     // after a while
	Reset     End = "reset"      // a TCP reset; a UDP address falls silent
)

var ends = [...]End{Close, HalfClose, Linger, Reset}

// size is the number of bytes of an input.
func (in Input) size() (n int) {
	for _, w := range in.Writes {
		n += len(w)
	}
	return n
}

// Chunk is the bytes of one write. As JSON it is {"text":…} where it is printable, else
// {"base64":…}.
type Chunk []byte

type chunkJSON struct {
	Text   *string `json:"text,omitempty"`
	Base64 *[]byte `json:"base64,omitempty"`
}

// MarshalJSON writes a chunk as its reader sees it best.
func (c Chunk) MarshalJSON() ([]byte, error) {
	if text := string(c); utf8.ValidString(text) && !slices.ContainsFunc([]rune(text), func(r rune) bool { return !unicode.IsPrint(r) && r != '\r' && r != '\n' }) {
		return json.Marshal(chunkJSON{Text: &text})
	}
	return json.Marshal(chunkJSON{Base64: (*[]byte)(&c)})
}

// UnmarshalJSON reads either form.
func (c *Chunk) UnmarshalJSON(text []byte) error {
	var form chunkJSON
	if err := strict(text, &form); err != nil {
		return err
	}
	switch {
	case (form.Text == nil) == (form.Base64 == nil):
		return errors.New("a write has either text or base64")
	case form.Text != nil:
		*c = Chunk(*form.Text)
	default:
		*c = *form.Base64
	}
	return nil
}

// Series is the content of a file: inputs to send, all at once or one after the other.
type Series struct {
	Form   string  `json:"form"`            // SeriesForm
	Times  int     `json:"times,omitempty"` // how often all of them are sent; 0 means once
	Inputs []Input `json:"inputs"`
}

// Bounds of a series that is read from a file.
const (
	maxInputs = 4096
	maxTimes  = 1_000_000
	maxBytes  = 8 << 20 // of one input
)

// SeriesForm identifies a file with a series.
const SeriesForm = "imcheck inputs 1"

// HoldsSeries reports whether a file says that it holds a series of inputs.
func HoldsSeries(text []byte) bool {
	var file struct{ Form string }
	return json.Unmarshal(text, &file) == nil && file.Form == SeriesForm
}

// ReadSeries reads a series as a run has written it. The error says which input is wrong,
// and how.
func ReadSeries(text []byte) (Series, error) {
	var s Series
	if err := strict(text, &s); err != nil {
		return Series{}, fmt.Errorf("it is not a series of inputs: %w", err)
	}
	if s.Form != SeriesForm {
		return Series{}, fmt.Errorf("form: %q is not %q", s.Form, SeriesForm)
	}
	if len(s.Inputs) == 0 || len(s.Inputs) > maxInputs {
		return Series{}, fmt.Errorf("a series has 1 to %d inputs, and this one %d", maxInputs, len(s.Inputs))
	}
	if s.Times < 0 || s.Times > maxTimes {
		return Series{}, fmt.Errorf("times: %d is not from 0 to %d", s.Times, maxTimes)
	}
	for i, in := range s.Inputs {
		switch {
		case !slices.Contains(ends[:], in.End):
			return Series{}, fmt.Errorf("input %d: end: there is no %q: use close, half-close, linger or reset", i+1, in.End)
		case in.size() > maxBytes:
			return Series{}, fmt.Errorf("input %d: it has %d bytes, over the limit of %d", i+1, in.size(), maxBytes)
		case in.Handshake && (in.On != wire.WS || len(in.Writes) == 0):
			return Series{}, fmt.Errorf("input %d: handshake: the first write on ws asks for the WebSocket", i+1)
		}
	}
	return s, nil
}

// strict reads one JSON value into v, and refuses unknown fields and what follows it.
func strict(text []byte, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil {
		return err
	}
	if decoder.More() {
		return errors.New("something follows the object")
	}
	return nil
}
