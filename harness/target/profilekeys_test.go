package target

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"imcheck/fixtures"
	"imcheck/harness/transport"
	"imcheck/protocol/controlapi"
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

// What the profile says of the server counts unless the control API says something else.
func TestIdentityOfProfile(t *testing.T) {
	for answer, want := range map[string]string{
		`{}`:                 "ours 2.1 by us at https://us.example",
		`{"name":"its own"}`: "its own 2.1 by us at https://us.example",
		`{"version":"3","organization":"them","url":"https://them.example"}`: "ours 3 by them at https://them.example",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, answer) // the caller may be gone
		}))
		described := &Target{Network: transport.OS{}, Control: server.Listener.Addr().String(), Info: controlapi.Info{Name: "ours", Version: "2.1", Organization: "us", URL: "https://us.example"}}
		err := described.Discover(t.Context(), time.Minute)
		i := described.Info
		if got := fmt.Sprintf("%s %s by %s at %s", i.Name, i.Version, i.Organization, i.URL); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", answer, got, err, want)
		}
		server.Close()
	}
}
