package reports

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
)

// FormatError reports that a file exists but is not a report that this version reads.
type FormatError struct {
	Path   string
	Reason string // and what to do about it
	Err    error  // the decoder's own; may be nil
}

func (e *FormatError) Error() string {
	return fmt.Sprintf("%s cannot be read as a report: %s", e.Path, e.Reason)
}

// Unwrap returns the decoder's own error.
func (e *FormatError) Unwrap() error { return e.Err }

// WriteConformanceJSON writes c as Read reads it. Schema and kind are those of
// this package, whatever the header says.
func WriteConformanceJSON(w io.Writer, c *Conformance) error {
	written := *c
	written.complete(KindConformance)
	orEmptyMap(&written.Counts)
	orEmptyList(&written.Results)
	if written.Impairment != nil {
		impairment := *written.Impairment
		orEmptyList(&impairment.Specs)
		orEmptyList(&impairment.Counts)
		written.Impairment = &impairment
	}
	return WriteJSON(w, written)
}

// WriteLoadJSON writes l as Read reads it. Schema and kind are those of this
// package, whatever the header says.
func WriteLoadJSON(w io.Writer, l *Load) error {
	written := *l
	written.complete(KindLoad)
	orEmptyMap(&written.Clients)
	orEmptyMap(&written.Sessions.LostByCause)
	orEmptyList(&written.Latencies)
	orEmptyList(&written.Messages)
	return WriteJSON(w, written)
}

// WriteCapacityJSON writes c as Read reads it. Schema and kind are those of this package,
// whatever the header says.
func WriteCapacityJSON(w io.Writer, c *Capacity) error {
	written := *c
	written.complete(KindCapacity)
	orEmptyList(&written.Thresholds)
	orEmptyList(&written.Steps)
	return WriteJSON(w, written)
}

// complete fills in what the schema promises of a header.
func (h *Header) complete(kind string) {
	h.Schema, h.Kind = SchemaVersion, kind
	orEmptyList(&h.Command)
	orEmptyMap(&h.Target.Addresses)
}

// orEmptyList keeps a list from being written as null, which readers in other
// languages would have to expect.
func orEmptyList[T any](list *[]T) {
	if *list == nil {
		*list = []T{}
	}
}

// orEmptyMap is orEmptyList for maps.
func orEmptyMap[K comparable, V any](m *map[K]V) {
	if *m == nil {
		*m = map[K]V{}
	}
}

// WriteJSON writes a model of this package or of one above it, indented.
func WriteJSON(w io.Writer, model any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false) // the arrows of a transcript stay readable
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(model); err != nil {
		return fmt.Errorf("encode the report as JSON: %w", err)
	}
	return nil
}

// Read reads one report of any kind. The error matches fs.ErrNotExist when
// the file does not exist, and is a *FormatError when its content is not a report
// or is one of a newer version.
func Read(path string) (Bundle, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Bundle{}, fmt.Errorf("read a report: %w", err)
	}
	return parse(path, text)
}

// readKind is Read for a file whose name implies one kind.
func readKind(path, kind string) (Bundle, error) {
	found, err := Read(path)
	if err != nil {
		return Bundle{}, err
	}
	if kind == KindConformance && found.Conformance == nil || kind == KindLoad && found.Load == nil || kind == KindCapacity && found.Capacity == nil {
		return Bundle{}, &FormatError{Path: path, Reason: fmt.Sprintf("a file of this name has the kind %q, this one does not: was it renamed?", kind)}
	}
	return found, nil
}

func parse(path string, text []byte) (Bundle, error) {
	// Only these two at first: in a newer schema the rest may have other types.
	var head struct {
		Schema int    `json:"schema"`
		Kind   string `json:"kind"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return Bundle{}, malformed(path, text, err)
	}
	refuse := func(reason string, arguments ...any) (Bundle, error) {
		return Bundle{}, &FormatError{Path: path, Reason: fmt.Sprintf(reason, arguments...)}
	}
	switch {
	case head.Kind == "" || head.Schema < 1:
		return refuse(`it lacks a "kind" or a "schema": name a %s, %s or %s that a run wrote`, ConformanceFile, LoadFile, CapacityFile)
	case head.Schema > SchemaVersion:
		return refuse("it has schema %d and this version reads schema %d: update imcheck to read it", head.Schema, SchemaVersion)
	}
	switch head.Kind {
	case KindConformance:
		var c Conformance
		if err := json.Unmarshal(text, &c); err != nil {
			return Bundle{}, malformed(path, text, err)
		}
		if reason := c.unknownWord(); reason != "" {
			return refuse("%s", reason)
		}
		completeMeasurements(c.Results)
		return Bundle{Conformance: &c}, nil
	case KindLoad:
		var l Load
		if err := json.Unmarshal(text, &l); err != nil {
			return Bundle{}, malformed(path, text, err)
		}
		if reason := l.unknownWord(); reason != "" {
			return refuse("%s", reason)
		}
		l.ClosedLoop = l.ClosedLoop || l.Scenario == "echo" // which files of before this field do not say
		return Bundle{Load: &l}, nil
	case KindCapacity:
		var c Capacity
		if err := json.Unmarshal(text, &c); err != nil {
			return Bundle{}, malformed(path, text, err)
		}
		if reason := c.unknownWord(); reason != "" {
			return refuse("%s", reason)
		}
		return Bundle{Capacity: &c}, nil
	}
	return refuse("its kind is %q and this version reads %q, %q and %q", head.Kind, KindConformance, KindLoad, KindCapacity)
}

// malformed turns the decoder's error into one that says what to do.
func malformed(path string, text []byte, err error) error {
	reason := err.Error()
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	switch {
	case len(text) == 0:
		reason = "it is empty"
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(text)):
		reason = fmt.Sprintf("it is cut short after %d bytes: run again to write it anew", len(text))
	case errors.As(err, &syntax):
		reason = fmt.Sprintf("it is not JSON: %v at byte %d", err, syntax.Offset)
	case errors.As(err, &mismatch) && mismatch.Field == "":
		reason = "it is not a JSON object"
	case errors.As(err, &mismatch):
		reason = fmt.Sprintf("field %q holds a %s", mismatch.Field, mismatch.Value)
	}
	return &FormatError{Path: path, Reason: reason, Err: err}
}

// unknownWord returns an outcome that no rendering knows; "" without one.
func (h *Header) unknownWord() string {
	if !slices.Contains(outcomes[:], h.Outcome) {
		return fmt.Sprintf("its outcome %q is none of pass, fail, unreachable and inconclusive", h.Outcome)
	}
	return ""
}

// unknownWord returns an outcome of the run or of a shard that no rendering knows.
func (l *Load) unknownWord() string {
	for _, s := range l.Shards {
		if !slices.Contains(outcomes[:], s.Outcome) {
			return fmt.Sprintf("shard %d has the unknown outcome %q", s.Index, s.Outcome)
		}
	}
	return l.Header.unknownWord()
}

// unknownWord returns an outcome, an ending or a result of a step that no rendering knows.
func (c *Capacity) unknownWord() string {
	if !slices.Contains(Endings, c.Ending) {
		return fmt.Sprintf("its ending %q is unknown", c.Ending)
	}
	for _, s := range c.Steps {
		if !slices.Contains(Cames, s.Came) {
			return fmt.Sprintf("step %d came to the unknown %q", s.Number, s.Came)
		}
	}
	return c.Header.unknownWord()
}

// unknownWord returns an outcome or a verdict that no rendering knows.
func (c *Conformance) unknownWord() string {
	for _, r := range c.Results {
		if !slices.Contains(Verdicts[:], r.Verdict) {
			return fmt.Sprintf("case %q has the unknown verdict %q", r.Case, r.Verdict)
		}
	}
	return c.Header.unknownWord()
}
