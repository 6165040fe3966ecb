package reporttest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// SchemaNode is the part of JSON Schema that the files in reports/schema use.
type SchemaNode struct {
	Ref         string                 `json:"$ref"`
	Defs        map[string]*SchemaNode `json:"$defs"`
	Description string                 `json:"description"`
	Type        string                 `json:"type"`
	Format      string                 `json:"format"`
	Const       any                    `json:"const"`
	Enum        []any                  `json:"enum"`
	Properties  map[string]*SchemaNode `json:"properties"`
	Required    []string               `json:"required"`
	Additional  json.RawMessage        `json:"additionalProperties"`
	Items       *SchemaNode            `json:"items"`
	Names       *SchemaNode            `json:"propertyNames"`
}

// ReadSchema reads one of these files.
func ReadSchema(t *testing.T, path string) *SchemaNode {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	root := &SchemaNode{}
	if err := json.Unmarshal(text, root); err != nil {
		t.Fatal(err)
	}
	return root
}

// Words returns the values that a node allows, as text; none when it allows any.
func (n *SchemaNode) Words() (words []string) {
	for _, word := range n.Enum {
		words = append(words, fmt.Sprint(word))
	}
	return words
}

// FollowsSchema validates a text by a schema. The error names what in the text differs
// from the schema.
func FollowsSchema(t *testing.T, path string, text []byte) error {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(path)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(value)
}

// SchemaRefuses checks that a text no longer follows a schema once it is spoilt.
func SchemaRefuses(t *testing.T, path string, text []byte, spoil func(report map[string]any)) {
	t.Helper()
	if err := FollowsSchema(t, path, text); err != nil {
		t.Fatalf("before it is spoilt: %v", err)
	}
	var report map[string]any
	if err := json.Unmarshal(text, &report); err != nil {
		t.Fatal(err)
	}
	spoil(report)
	spoilt, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	if FollowsSchema(t, path, spoilt) == nil {
		t.Error("it follows the schema")
	}
}

// FirstOf returns the first object of a list in decoded JSON.
func FirstOf(list any) map[string]any { return list.([]any)[0].(map[string]any) }
