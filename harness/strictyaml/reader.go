package strictyaml

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// FileError describes a mistake in a file that a user wrote.
type FileError struct {
	Path   string
	Line   int // 0 when the file as a whole is meant
	Reason string
	Err    error // the cause; may be nil
}

func (e *FileError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.Path, e.Reason)
	}
	return fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.Reason)
}

// Unwrap returns the cause.
func (e *FileError) Unwrap() error { return e.Err }

// ReadFile reads the text of a file; what names its kind in the error, such as "the
// profile". The error is a *FileError.
func ReadFile(path, what string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &FileError{Path: path, Reason: fmt.Sprintf("%s cannot be read: %v", what, errors.Unwrap(err)), Err: err}
	}
	return text, nil
}

// Reader checks the values of a file that was decoded. Of several mistakes it keeps the
// first.
type Reader struct {
	Path    string     // as errors call the file
	Root    *yaml.Node // nil when the file has no content
	mistake *FileError
}

// Read decodes a text as [Decode] does, and returns what checks its values; path is
// what errors call the file. The error is a *FileError.
func Read(path string, text []byte, into any, help string) (*Reader, error) {
	root, err := Decode(text, into, help)
	if mistake, ok := errors.AsType[*Error](err); ok {
		return nil, &FileError{path, mistake.Line, mistake.Reason, err}
	}
	return &Reader{Path: path, Root: root}, err
}

// Err returns the first mistake, a *FileError; nil without one.
func (r *Reader) Err() error {
	if r.mistake == nil {
		return nil
	}
	return r.mistake
}

// Reject notes that the value that keys lead to is wrong.
func (r *Reader) Reject(err error, keys ...string) {
	if r.mistake == nil {
		r.mistake = &FileError{r.Path, LineOf(r.Root, keys...), strings.Join(keys, ".") + ": " + err.Error(), err}
	}
}

// RejectLine notes that something is wrong on a line; 0 means the file as a whole.
func (r *Reader) RejectLine(line int, reason string) {
	if r.mistake == nil {
		r.mistake = &FileError{Path: r.Path, Line: line, Reason: reason}
	}
}

// RejectEmpty refuses a key or list item without a value.
func (r *Reader) RejectEmpty() {
	if empty := FindEmpty(r.Root); empty != nil {
		r.Reject(ErrEmpty, empty...)
	}
}

// Duration reads a duration such as 100ms; without a text it returns the default.
func (r *Reader) Duration(text string, byDefault time.Duration, keys ...string) time.Duration {
	if text == "" {
		return byDefault
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		r.Reject(fmt.Errorf("%q is not a duration: write it as 100ms or 5s", text), keys...)
	}
	return d
}

// PositiveDuration is Duration for one that has to be over 0.
func (r *Reader) PositiveDuration(text string, byDefault time.Duration, keys ...string) time.Duration {
	d := r.Duration(text, byDefault, keys...)
	if text != "" && d <= 0 {
		r.Reject(fmt.Errorf("%q is not over 0: write it as 100ms or 5s", text), keys...)
	}
	return d
}
