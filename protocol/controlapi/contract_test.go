package controlapi_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"imcheck/protocol/controlapi"
)

// contract reads a section of docs/contracts.md, from its anchor to the next one.
func contract(t *testing.T, anchor string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "contracts.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(text), `<a id="`+anchor+`"></a>`)
	if !found {
		t.Fatalf("the contract has no section %s", anchor)
	}
	if anchor == "part-a-calls" { // which has anchors of its own
		section, _, _ = strings.Cut(section, `<a id="part-a-events"></a>`)
		return section
	}
	section, _, _ = strings.Cut(section, "<a id=")
	return section
}

// quoted lists what is written between backquotes.
func quoted(section string) (found []string) {
	for _, match := range regexp.MustCompile("`([^`]*)`").FindAllStringSubmatch(section, -1) {
		found = append(found, match[1])
	}
	return found
}

func TestCapabilities(t *testing.T) {
	if want, got := quoted(contract(t, "part-a-capabilities")), controlapi.AllCapabilities().Names(); !slices.Equal(got, want) {
		t.Errorf("capabilities %q, the contract has %q", got, want)
	}
}

func TestEvents(t *testing.T) {
	var got []string
	for _, name := range controlapi.AllEvents() {
		got = append(got, string(name))
	}
	if want := quoted(contract(t, "part-a-events")); !slices.Equal(got, want) {
		t.Errorf("events %q, the contract has %q", got, want)
	}
}

func TestPaths(t *testing.T) {
	var want []string
	for _, call := range quoted(contract(t, "part-a-calls")) {
		if method, path, ok := strings.Cut(call, " "); ok && (method == "GET" || method == "POST") {
			want = append(want, path)
		}
	}
	got := []string{
		controlapi.PathInfo, controlapi.PathS2C, controlapi.PathKick, controlapi.PathOnline,
		controlapi.PathEvents + "?" + controlapi.ParameterSince + "=SEQ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("paths %q, the contract has %q", got, want)
	}
}

// The JSON of each call has the fields of the contract, in its order.
func TestFields(t *testing.T) {
	calls := contract(t, "part-a-calls")
	for anchor, types := range map[string][]any{
		"control-info":   {controlapi.Info{}},
		"control-s2c":    {controlapi.PushRequest{}, controlapi.PushAnswer{}},
		"control-kick":   {controlapi.KickRequest{}},
		"control-online": {controlapi.OnlineAnswer{}},
		"control-events": {controlapi.EventLine{}},
	} {
		_, row, _ := strings.Cut(calls, `<a id="`+anchor+`"></a>`)
		row, _, _ = strings.Cut(row, "\n")
		var want, got []string
		for _, match := range regexp.MustCompile(`[{,]"(\w+)"`).FindAllStringSubmatch(row, -1) {
			want = append(want, match[1])
		}
		for _, value := range types {
			kind := reflect.TypeOf(value)
			for i := range kind.NumField() {
				name, _, _ := strings.Cut(kind.Field(i).Tag.Get("json"), ",")
				got = append(got, name)
				if kind.Field(i).Type.Kind() == reflect.Map {
					got = append(got, "udp", "tcp", "ws") // its keys
				}
				if below := kind.Field(i).Type; below.Kind() == reflect.Pointer && below.Elem().Kind() == reflect.Struct {
					for j := range below.Elem().NumField() {
						got = append(got, below.Elem().Field(j).Tag.Get("json"))
					}
				}
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: fields %q, the contract has %q", anchor, got, want)
		}
	}
}

func TestConventions(t *testing.T) {
	text := strings.Join(quoted(contract(t, "part-a-conventions")), " ")
	for _, prefix := range []string{controlapi.VerdictPrefix, controlapi.OfflinePrefix, controlapi.VetoPrefix} {
		if !strings.Contains(text, prefix) {
			t.Errorf("the contract has no convention %q: %s", prefix, text)
		}
	}
}

func TestSetOfCapabilities(t *testing.T) {
	none := controlapi.Capabilities(nil)
	if none.Has(controlapi.CapabilityKick) || none.Names() != nil || none.String() != "" {
		t.Errorf("the empty set is %q", none)
	}
	one := none.With(controlapi.CapabilityKick)
	two := one.With(controlapi.CapabilityKick, "another")
	if len(one) != 1 || two.String() != "kick, another" || !two.Has("another") {
		t.Errorf("sets %q and %q", one, two)
	}
	text, err := json.Marshal(two)
	if err != nil || string(text) != `["kick","another"]` {
		t.Errorf("JSON %s, %v", text, err)
	}
}
