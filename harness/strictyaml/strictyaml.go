// Package strictyaml reads the YAML files that users write: one document, known
// keys only, and errors that name the line and no Go type.
package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Error describes a mistake in a text.
type Error struct {
	Line   int // 0 when it is the whole text
	Reason string
	Err    error // the error of the decoder
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Reason
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Reason)
}

// Unwrap returns the decoder's own error.
func (e *Error) Unwrap() error { return e.Err }

// Decode reads a text into a value, and returns the nodes too, for they know
// their lines; nil when the text is empty. help names the keys, for the error about one
// that is unknown. The error is an *Error.
func Decode(text []byte, into any, help string) (*yaml.Node, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, explain(err, help)
	}
	if document.Kind == 0 || document.Content[0].Tag == "!!null" {
		return nil, nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(into); err != nil {
		return nil, explain(err, help)
	}
	var second yaml.Node
	if err := decoder.Decode(&second); err == nil {
		return nil, &Error{Line: second.Line, Reason: "a second document after ---: put everything into one"}
	} else if !errors.Is(err, io.EOF) {
		return nil, explain(err, help)
	}
	return document.Content[0], nil
}

var (
	onLine     = regexp.MustCompile(`(?s)line (\d+): (.*)`)
	unknownKey = regexp.MustCompile(`^field (.*) not found in type .*$`)
	mismatch   = regexp.MustCompile("^cannot unmarshal !!\\S+ (`.*` )?into (.*)$")
)

// explain turns an error of the decoder into a line and a reason: the decoder gives both
// as text only, and names Go types, which mean nothing to a user.
func explain(err error, help string) *Error {
	text := err.Error()
	if several, ok := errors.AsType[*yaml.TypeError](err); ok {
		text = several.Errors[0]
	}
	e := &Error{Reason: strings.TrimPrefix(text, "yaml: "), Err: err}
	found := onLine.FindStringSubmatch(text)
	if found == nil {
		return e
	}
	e.Line, _ = strconv.Atoi(found[1]) // digits, as the pattern says
	e.Reason = found[2]
	if key := unknownKey.FindStringSubmatch(e.Reason); key != nil {
		e.Reason = fmt.Sprintf("unknown key %q: %s", key[1], help)
	} else if wrong := mismatch.FindStringSubmatch(e.Reason); wrong != nil {
		e.Reason = "this has to be " + kindOf(wrong[2])
	}
	return e
}

// kindOf names the kind of value that is decoded into a Go type.
func kindOf(goType string) string {
	switch {
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	case strings.HasPrefix(goType, "int"), strings.HasPrefix(goType, "uint"):
		return "a whole number"
	case strings.HasPrefix(goType, "float"):
		return "a number"
	case goType == "bool":
		return "true or false"
	case goType == "string":
		return "a text"
	}
	return "a mapping of keys to values"
}
