package reporttest

import (
	"reflect"
	"strings"
	"testing"
	"unicode"

	"imcheck/reports"
)

// Hostile is a text that a target or a user might put into any field of a report.
const Hostile = "\"'><script>alert(1)</script><img src=x onerror=alert(2)></style>]]>{{.}}\x1b[2J\x00\u202e\n%s&"

// FillHostile puts Hostile into every text of a model, and one element into
// every list and map.
func FillHostile(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(Hostile)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				FillHostile(v.Field(i))
			}
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		FillHostile(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		FillHostile(v.Index(0))
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		FillHostile(key)
		FillHostile(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	case reflect.Int64, reflect.Int:
		v.SetInt(1)
	case reflect.Bool:
		v.SetBool(true)
	}
}

// HostileBundle returns a result of each verdict, so that every part of a
// rendering is reached; only the words that Read checks are real ones.
func HostileBundle() reports.Bundle {
	var c reports.Conformance
	FillHostile(reflect.ValueOf(&c).Elem())
	first := c.Results[0]
	c.Results = nil
	for _, v := range reports.Verdicts {
		first.Verdict = v
		c.Results = append(c.Results, first)
	}
	var l reports.Load
	FillHostile(reflect.ValueOf(&l).Elem())
	due, send := l.Latencies[0], l.Latencies[0]
	due.From, send.From = reports.FromDue, reports.FromSend
	l.Latencies = append(l.Latencies, due, send)
	c.Outcome, l.Outcome = reports.OutcomeFail, reports.OutcomeInconclusive
	return reports.Bundle{Conformance: &c, Load: &l}
}

// OnlyPrintable checks that a text has nothing that a terminal would obey.
func OnlyPrintable(t *testing.T, got string) {
	t.Helper()
	for line := range strings.Lines(got) {
		line = strings.TrimSuffix(line, "\n")
		if i := strings.IndexFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }); i >= 0 {
			t.Errorf("the line %q has a character that a terminal obeys", line)
		}
	}
	if !strings.Contains(got, `x1b`) {
		t.Error("the hostile text is nowhere: the test shows nothing")
	}
}
