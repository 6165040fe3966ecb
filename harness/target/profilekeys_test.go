package target

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"imcheck/fixtures"
)

// The example has every key, be it in a comment.
func TestExampleHasEveryKey(t *testing.T) {
	text, err := fixtures.Profile("example")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keysOf(reflect.TypeFor[profileFile]()) {
		if !regexp.MustCompile(`(?m)(^[ #-]*|[{,] *)` + key + `:`).Match(text) {
			t.Errorf("the example lacks %s", key)
		}
	}
}

// keysOf lists the keys of a type of a file and of what is below it.
func keysOf(file reflect.Type) (keys []string) {
	switch file.Kind() {
	case reflect.Pointer, reflect.Slice:
		return keysOf(file.Elem())
	case reflect.Struct:
	default:
		return nil
	}
	for i := range file.NumField() {
		field := file.Field(i)
		if name, _, _ := strings.Cut(field.Tag.Get("yaml"), ","); name != "" {
			keys = append(keys, name)
		}
		keys = append(keys, keysOf(field.Type)...)
	}
	return keys
}
