package accounts

import (
	"iter"
	"reflect"
)

// Report hides secrets in all texts of a report, to which pointer leads.
func (r *Redactor) Report(pointer any) {
	walk(reflect.ValueOf(pointer), r.Text)
}

// Report hides the secrets of many accounts in a report. It looks at each of them once and
// keeps those alone that may be in it, so that millions of them take no memory.
func Report(pointer any, secrets iter.Seq[string]) {
	heads := map[string]bool{}
	walk(reflect.ValueOf(pointer), func(text string) string {
		for i := range len(text) - headLength + 1 {
			heads[text[i:i+headLength]] = true
		}
		return text
	})
	var r Redactor
	for secret := range secrets {
		for form := range forms(secret) {
			if len(form) >= headLength && heads[form[:headLength]] {
				r.Add(secret)
				break
			}
		}
	}
	r.Report(pointer)
}

// walk replaces each text below a value that can be set.
func walk(v reflect.Value, replace func(string) string) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			walk(v.Elem(), replace)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if field := v.Field(i); field.CanSet() {
				walk(field, replace)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			walk(v.Index(i), replace)
		}
	case reflect.Map:
		walkMap(v, replace)
	case reflect.String:
		if v.CanSet() {
			v.SetString(replace(v.String()))
		}
	}
}

// walkMap replaces keys and values, which cannot be set in place.
func walkMap(v reflect.Value, replace func(string) string) {
	for _, key := range v.MapKeys() {
		newKey, value := reflect.New(key.Type()).Elem(), reflect.New(v.Type().Elem()).Elem()
		newKey.Set(key)
		value.Set(v.MapIndex(key))
		walk(newKey, replace)
		walk(value, replace)
		if newKey.Interface() != key.Interface() {
			v.SetMapIndex(key, reflect.Value{})
		}
		v.SetMapIndex(newKey, value)
	}
}
