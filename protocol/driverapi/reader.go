package driverapi

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// MaxLine bounds one line in bytes, MaxLines and MaxBytes all that a driver writes. The
// largest message of the protocol fits a line even if every character of it is escaped.
const (
	MaxLine  = 1 << 20
	MaxLines = 20_000
	MaxBytes = 16 << 20
)

// LineTooLongError reports a line over MaxLine.
type LineTooLongError struct{ Line int }

func (e *LineTooLongError) Error() string {
	return fmt.Sprintf("line %d is over %d bytes: a line is one JSON object", e.Line, MaxLine)
}

// FloodError reports more than MaxLines or MaxBytes.
type FloodError struct{ Lines, Bytes int }

func (e *FloodError) Error() string {
	return fmt.Sprintf("a flood: %d lines with %d bytes in all, of at most %d and %d", e.Lines, e.Bytes, MaxLines, MaxBytes)
}

// RubbishError reports a line that the contract does not have.
type RubbishError struct {
	Line int
	Text string // its beginning
	Err  error
}

func (e *RubbishError) Error() string {
	return fmt.Sprintf("line %d is not one of the driver contract: %v: %q", e.Line, e.Err, e.Text)
}

// Unwrap returns what is wrong with the line.
func (e *RubbishError) Unwrap() error { return e.Err }

// Reader reads lines, and stops at the first that does not keep to the contract.
type Reader[T any] struct {
	lines *bufio.Reader
	parse func(line []byte) (T, error)
	count int // lines
	bytes int
	line  []byte
}

// NewEventReader returns a reader of what a driver writes.
func NewEventReader(r io.Reader) *Reader[Event] {
	return &Reader[Event]{lines: bufio.NewReader(r), parse: ParseEvent}
}

// NewCommandReader returns a reader of what a driver is told.
func NewCommandReader(r io.Reader) *Reader[Command] {
	return &Reader[Command]{lines: bufio.NewReader(r), parse: ParseCommand}
}

// Next returns the next event or command; empty lines are skipped. The error is io.EOF at
// the end, a *LineTooLongError, a *FloodError, a *RubbishError, or that of the reader.
// Nothing can be read after an error, but after a *RubbishError.
func (r *Reader[T]) Next() (v T, err error) {
	for {
		line, err := r.next()
		if err != nil {
			return v, err
		}
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		v, err = r.parse(line)
		if err != nil {
			return v, &RubbishError{Line: r.count, Text: beginning(line), Err: err}
		}
		return v, nil
	}
}

// Restart begins to count lines and bytes anew: the bounds hold for each case that a driver
// plays.
func (r *Reader[T]) Restart() { r.count, r.bytes = 0, 0 }

// next returns a line, valid until the next call.
func (r *Reader[T]) next() ([]byte, error) {
	r.line = r.line[:0]
	for {
		part, err := r.lines.ReadSlice('\n')
		r.line = append(r.line, part...)
		r.bytes += len(part)
		full := errors.Is(err, bufio.ErrBufferFull)
		switch {
		case len(r.line) > MaxLine:
			return nil, &LineTooLongError{Line: r.count + 1}
		case r.bytes > MaxBytes:
			return nil, &FloodError{Lines: r.count, Bytes: r.bytes}
		case full:
			continue
		case err != nil && (len(r.line) == 0 || !errors.Is(err, io.EOF)):
			return nil, err
		}
		if r.count++; r.count > MaxLines {
			return nil, &FloodError{Lines: r.count, Bytes: r.bytes}
		}
		return r.line, nil
	}
}

// shownRubbish is the length in bytes to which a line that is refused is quoted.
const shownRubbish = 200

func beginning(line []byte) string {
	if len(line) <= shownRubbish {
		return string(line)
	}
	return string(line[:shownRubbish]) + "…"
}

var errNotUTF8 = errors.New("it is not UTF-8")

// parseLine reads one JSON object, and refuses anything that follows it.
func parseLine(line []byte, into any) error {
	if !utf8.Valid(line) {
		return errNotUTF8
	}
	if len(line) == 0 || line[0] != '{' {
		return errors.New("it is not a JSON object")
	}
	return json.Unmarshal(line, into)
}
