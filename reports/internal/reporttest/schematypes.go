package reporttest

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// SchemaIsOf compares a schema with the type whose JSON it describes. A field that
// one of the two has and the other has not fails, as does one of another type,
// without a description, or with one that does not say its unit.
func SchemaIsOf(t *testing.T, path string, model reflect.Type) {
	t.Helper()
	root := ReadSchema(t, path)
	w := schemaWalk{t: t, defs: root.Defs, used: map[string]bool{}}
	w.object("", model, root)
	for name := range root.Defs {
		if !w.used[name] {
			t.Errorf("$defs/%s is of no field", name)
		}
	}
}

// schemaWalk goes through a type and its schema side by side.
type schemaWalk struct {
	t    *testing.T
	defs map[string]*SchemaNode
	used map[string]bool // names in defs
}

func (w schemaWalk) object(path string, of reflect.Type, node *SchemaNode) {
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

// units maps endings of names to the words that a number's description must contain.
var units = map[string]string{"Ms": "millisecond", "Us": "microsecond", "Bytes": "bytes", "Seconds": "seconds", "PerSecond": "per second", "Percent": "percent"}

func (w schemaWalk) unit(path, name string, node *SchemaNode) {
	for suffix, unit := range units {
		if strings.HasSuffix(name, suffix) && !strings.Contains(node.Description, unit) {
			w.t.Errorf("%s: the description %q does not say %q", path, node.Description, unit)
		}
	}
}

func (w schemaWalk) value(path string, of reflect.Type, node *SchemaNode) {
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
		return // a word, of which a test of its own says which one it is
	case of == reflect.TypeFor[time.Time]():
		want = "string"
		if node.Format != "date-time" {
			w.t.Errorf("%s: format %q", path, node.Format)
		}
	case of.Kind() == reflect.Pointer:
		w.value(path, of.Elem(), node)
		return
	case of.Kind() == reflect.Struct:
		w.object(path, of, node)
		return
	case of.Kind() == reflect.Slice:
		want = "array"
		w.value(path+"[]", of.Elem(), node.Items)
	case of.Kind() == reflect.Map:
		want = "object"
		each := &SchemaNode{}
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

// jsonFields returns the fields of a struct by their names in JSON, those of
// embedded structs among them.
func jsonFields(of reflect.Type) map[string]jsonField {
	fields := map[string]jsonField{}
	for i := range of.NumField() {
		f := of.Field(i)
		if !f.IsExported() {
			continue
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			maps.Copy(fields, jsonFields(f.Type))
			continue
		}
		fields[name] = jsonField{f.Type, options == "omitempty" || options == "omitzero"}
	}
	return fields
}
