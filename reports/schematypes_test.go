package reports_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"imcheck/reports"
)

// schemaNode is the part of JSON Schema that the two files use.
type schemaNode struct {
	Ref         string                 `json:"$ref"`
	Defs        map[string]*schemaNode `json:"$defs"`
	Description string                 `json:"description"`
	Type        string                 `json:"type"`
	Format      string                 `json:"format"`
	Const       any                    `json:"const"`
	Enum        []any                  `json:"enum"`
	Properties  map[string]*schemaNode `json:"properties"`
	Required    []string               `json:"required"`
	Additional  json.RawMessage        `json:"additionalProperties"`
	Items       *schemaNode            `json:"items"`
	Names       *schemaNode            `json:"propertyNames"`
}

func readSchema(t *testing.T, kind string) *schemaNode {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("schema", schemaFiles[kind]))
	if err != nil {
		t.Fatal(err)
	}
	root := &schemaNode{}
	if err := json.Unmarshal(text, root); err != nil {
		t.Fatal(err)
	}
	return root
}

// A field that one of schema and type has and the other has not fails, as does
// one of another type, or without a description.
func TestSchemaIsThatOfTheTypes(t *testing.T) {
	for kind, model := range map[string]reflect.Type{reports.KindConformance: reflect.TypeFor[reports.Conformance](), reports.KindLoad: reflect.TypeFor[reports.Load]()} {
		t.Run(kind, func(t *testing.T) {
			root := readSchema(t, kind)
			w := schemaWalk{t: t, defs: root.Defs, used: map[string]bool{}}
			w.object("", model, root)
			for name := range root.Defs {
				if !w.used[name] {
					t.Errorf("$defs/%s is of no field", name)
				}
			}
		})
	}
}

// schemaWalk goes through a type and its schema side by side.
type schemaWalk struct {
	t    *testing.T
	defs map[string]*schemaNode
	used map[string]bool // names in defs
}

func (w schemaWalk) object(path string, of reflect.Type, node *schemaNode) {
	fields := jsonFields(of)
	if node.Type != "object" || string(node.Additional) != "false" {
		w.t.Errorf("%s: type %q with further fields %s, want an object without", path, node.Type, node.Additional)
	}
	for name, property := range node.Properties {
		field, known := fields[name]
		if !known {
			w.t.Errorf("%s.%s is in the schema and not in %s", path, name, of)
			continue
		}
		if property.Description == "" {
			w.t.Errorf("%s.%s has no description", path, name)
		}
		w.unit(path+"."+name, name, property)
		if optional := !slices.Contains(node.Required, name); optional != field.optional {
			w.t.Errorf("%s.%s: optional %v in the schema, %v in %s", path, name, optional, field.optional, of)
		}
		w.value(path+"."+name, field.of, property)
	}
	for name := range fields {
		if node.Properties[name] == nil {
			w.t.Errorf("%s.%s is in %s and not in the schema", path, name, of)
		}
	}
	for _, name := range node.Required {
		if node.Properties[name] == nil {
			w.t.Errorf("%s.%s is required and not described", path, name)
		}
	}
}

// units are what a description has to say of a number whose name ends so.
var units = map[string]string{"Ms": "millisecond", "Us": "microsecond", "Bytes": "bytes", "Seconds": "seconds", "PerSecond": "per second"}

func (w schemaWalk) unit(path, name string, node *schemaNode) {
	for suffix, unit := range units {
		if strings.HasSuffix(name, suffix) && !strings.Contains(node.Description, unit) {
			w.t.Errorf("%s: the description %q does not say %q", path, node.Description, unit)
		}
	}
}

func (w schemaWalk) value(path string, of reflect.Type, node *schemaNode) {
	if name, found := strings.CutPrefix(node.Ref, "#/$defs/"); found {
		w.used[name] = true
		if node = w.defs[name]; node == nil {
			w.t.Errorf("%s: there is no $defs/%s", path, name)
			return
		}
		if node.Description == "" {
			w.t.Errorf("$defs/%s has no description", name)
		}
	}
	want := ""
	switch {
	case node.Const != nil:
		return // TestSchemaHasEveryWord has it
	case of == reflect.TypeFor[time.Time]():
		want = "string"
		if node.Format != "date-time" {
			w.t.Errorf("%s: format %q", path, node.Format)
		}
	case of.Kind() == reflect.Pointer:
		w.object(path, of.Elem(), node)
		return
	case of.Kind() == reflect.Struct:
		w.object(path, of, node)
		return
	case of.Kind() == reflect.Slice:
		want = "array"
		w.value(path+"[]", of.Elem(), node.Items)
	case of.Kind() == reflect.Map:
		want = "object"
		each := &schemaNode{}
		if err := json.Unmarshal(node.Additional, each); err != nil {
			w.t.Errorf("%s: the values of the map: %v", path, err)
		}
		w.value(path+"{}", of.Elem(), each)
	case of.Kind() == reflect.String:
		want = "string"
	case of.Kind() == reflect.Bool:
		want = "boolean"
	case of.Kind() == reflect.Float64:
		want = "number"
	case slices.Contains([]reflect.Kind{reflect.Int, reflect.Int64, reflect.Uint64}, of.Kind()):
		want = "integer"
	}
	if node.Type != want {
		w.t.Errorf("%s: type %q, want %q", path, node.Type, want)
	}
}

type jsonField struct {
	of       reflect.Type
	optional bool
}

// jsonFields are the fields of a struct by their names in JSON, those of
// embedded structs among them.
func jsonFields(of reflect.Type) map[string]jsonField {
	fields := map[string]jsonField{}
	for i := range of.NumField() {
		f := of.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			maps.Copy(fields, jsonFields(f.Type))
			continue
		}
		fields[name] = jsonField{f.Type, options == "omitempty" || options == "omitzero"}
	}
	return fields
}
