package cli_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// hostileControl NAME: control APIs that do not end, or send without end. NAME_MUTE
// answers no POST, NAME_HEADLESS does not begin to answer the request for its events,
// NAME_ENDLESS sends one event without end, NAME_FLOODING events of nobody, NAME_LONG
// has a name of 15 MiB, NAME_LISTING a list of users without end.
func hostileControl(ts *testscript.TestScript, _ bool, args []string) {
	const megabyte = 1 << 20
	for suffix, api := range map[string]controlAPI{
		"MUTE":     {capabilities: []string{"kick", "s2c"}},
		"HEADLESS": {capabilities: []string{"events"}},
		"ENDLESS":  {capabilities: []string{"events"}, events: endless(`{"user":"`, "x")},
		"FLOODING": {capabilities: []string{"events"}, events: endless("", `{"event":"login","user":""}`+"\n")},
		"LONG":     {name: strings.Repeat("long", 15*megabyte/4)},
		"LISTING":  {capabilities: []string{"online"}, online: endless(`{"users":[`, `"someone",`)},
	} {
		server := httptest.NewServer(api)
		ts.Setenv(args[0]+"_"+suffix, strings.TrimPrefix(server.URL, "http://"))
		ts.Defer(server.CloseClientConnections)
	}
}

// controlAPI is a control API that says what it is, and leaves every call that it has
// no handler for without an answer.
type controlAPI struct {
	name           string
	capabilities   []string
	events, online http.HandlerFunc
}

// ServeHTTP answers a call, or does not.
func (a controlAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	switch {
	case r.URL.Path == "/v1/info":
		_ = json.NewEncoder(w).Encode(map[string]any{"name": a.name, "capabilities": a.capabilities})
	case r.URL.Path == "/v1/events" && a.events != nil:
		a.events(w, r)
	case r.URL.Path == "/v1/online" && a.online != nil:
		a.online(w, r)
	default:
		<-r.Context().Done()
	}
}

// endless writes a start, and then the same text until the caller has gone.
func endless(start, part string) http.HandlerFunc {
	part = strings.Repeat(part, 1+4096/len(part))
	return func(w http.ResponseWriter, _ *http.Request) {
		_, err := fmt.Fprint(w, start)
		for err == nil {
			_, err = io.WriteString(w, part)
		}
	}
}

// small KIB FILES: none of the files has more than so many KiB.
func small(ts *testscript.TestScript, _ bool, args []string) {
	most, err := strconv.Atoi(args[0])
	ts.Check(err)
	for _, name := range args[1:] {
		if size := len(ts.ReadFile(name)); size > most<<10 {
			ts.Fatalf("%s has %d bytes, over %d KiB", name, size, most)
		}
	}
}
