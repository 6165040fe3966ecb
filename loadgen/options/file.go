package options

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"imcheck/harness/strictyaml"
)

// File is a scenario file as it is written: a key for each option, and two more.
type File struct {
	Root       *yaml.Node // nil of an empty file
	Scenario   string
	Thresholds []string

	values reflect.Value // values of fileType
}

// Decode reads a scenario file. help says what the keys are, for an error about an
// unknown one. The error is a *strictyaml.Error.
func Decode(text []byte, help string) (*File, error) {
	f := &File{values: reflect.New(fileType()).Elem()}
	var err error
	if f.Root, err = strictyaml.Decode(text, f.values.Addr().Interface(), help); err != nil {
		return nil, err
	}
	f.Scenario = f.value(Scenario).String()
	f.Thresholds = f.value(Thresholds).Interface().([]string)
	return f, nil
}

// Set sets an option to what the file says, if it does. The error says what is wrong
// with the value; of a part of one it is an *Error that names the part.
func (f *File) Set(o Option, into *Options) error {
	value := f.value(o.Key)
	if value.IsZero() || value.Kind() == reflect.Slice && value.Type().Elem().Kind() == reflect.String && value.Len() == 0 {
		return nil
	}
	field := o.Field(into)
	switch field := field.(type) {
	case *[]Stage:
		return setStages(field, value.Interface().([]writtenStage))
	case *[]MixPart:
		return setMix(field, value.Interface().(map[string]float64))
	case *[]MixRate:
		setMixRates(field, value.Interface().(map[string]float64))
		return nil
	}
	if d, isTime := field.(*time.Duration); isTime {
		read, err := parseTime(value.String())
		if err == nil {
			*d = read
		}
		return err
	}
	if value.Kind() == reflect.Pointer {
		value = value.Elem()
	}
	reflect.ValueOf(field).Elem().Set(value)
	return nil
}

func parseTime(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("%q is not a time: write it as 100ms or 5s", text)
	}
	return d, nil
}

// value returns what the file has for a key.
func (f *File) value(key string) reflect.Value {
	v := f.values
	for _, part := range strings.Split(key, ".") {
		v = v.FieldByName(fieldName(part))
	}
	return v
}

// fileType makes the type of a file from the table: a field for each key, and one for
// each mapping, in which a key that is left out is the zero value.
func fileType() reflect.Type {
	fields := []reflect.StructField{
		fieldOf(Scenario, reflect.TypeFor[string]()), fieldOf(Thresholds, reflect.TypeFor[[]string]()),
	}
	mappings := map[string][]reflect.StructField{}
	for _, o := range All {
		mapping, key, isBelow := strings.Cut(o.Key, ".")
		if !isBelow {
			fields = append(fields, fieldOf(o.Key, writtenAs(o)))
			continue
		}
		mappings[mapping] = append(mappings[mapping], fieldOf(key, writtenAs(o)))
	}
	for mapping, below := range mappings {
		fields = append(fields, fieldOf(mapping, reflect.StructOf(below)))
	}
	return reflect.StructOf(fields)
}

func fieldOf(key string, of reflect.Type) reflect.StructField {
	return reflect.StructField{Name: fieldName(key), Type: of, Tag: reflect.StructTag(fmt.Sprintf("yaml:%q", key))}
}

func fieldName(key string) string { return strings.ToUpper(key[:1]) + key[1:] }

// writtenAs returns the type that an option has in a file.
func writtenAs(o Option) reflect.Type {
	field := reflect.TypeOf(o.Field(&Options{}))
	switch field.Elem() {
	case reflect.TypeFor[time.Duration]():
		return reflect.TypeFor[string]()
	case reflect.TypeFor[[]int](), reflect.TypeFor[[]string]():
		return field.Elem()
	case reflect.TypeFor[[]Stage]():
		return reflect.TypeFor[[]writtenStage]()
	case reflect.TypeFor[[]MixPart](), reflect.TypeFor[[]MixRate]():
		return reflect.TypeFor[map[string]float64]()
	}
	return field // a pointer, nil when the key is left out
}
