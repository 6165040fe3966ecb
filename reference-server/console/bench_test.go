package console_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"imcheck/harness/transport/memory"
	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/reference-server/reference"
)

const anyPort = "127.0.0.1:0"

// bench is a reference server in memory, in virtual time, with its console. It validates every
// answer by the description of the API.
type bench struct {
	*testing.T
	server   *reference.Server
	http     *http.Client
	api      *description
	token    string
	answered map[string]bool // operations with the status of their answers
}

// inBubble runs a test with a server; the end of the bubble shows that no goroutine is left.
func inBubble(t *testing.T, change func(*reference.Config), test func(b *bench)) {
	t.Helper()
	api := readDescription(t)
	synctest.Test(t, func(t *testing.T) {
		n := memory.New()
		config := reference.Config{
			Network: n, Addresses: [...]string{anyPort, anyPort, anyPort}, Control: anyPort,
			Modes: timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S}, Limits: server.DefaultLimits, Version: "test",
		}
		if change != nil {
			change(&config)
		}
		s, err := reference.Start(config)
		if err != nil {
			t.Fatal(err)
		}
		b := &bench{T: t, server: s, api: api, answered: map[string]bool{}}
		_, b.token, _ = strings.Cut(s.ConsoleURL(), "#token=")
		b.http = &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return n.DialStream(ctx, s.ControlAddress())
		}}}
		defer time.Sleep(time.Second) // net/http keeps a connection that it refused for half of that
		defer s.Close()
		defer b.http.CloseIdleConnections()
		test(b)
	})
}

// ask makes a call with the token, and reads a good answer into a value, unless that is nil.
func (b *bench) ask(method, path string, status int, into any) string {
	b.Helper()
	text := b.request(method, path, "", nil, status)
	if into != nil {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			b.Fatalf("%s %s: %s: %v", method, path, text, err)
		}
	}
	return text
}

// request makes a call, checks its status, and validates the answer.
func (b *bench) request(method, path, body string, headers map[string]string, status int) string {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), method, "http://127.0.0.1"+path, strings.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	if b.token != "" {
		request.Header.Set("Authorization", "Bearer "+b.token)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := b.http.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer response.Body.Close()
	var text []byte
	if response.Header.Get("Content-Type") == "application/x-ndjson" {
		line, _ := io.ReadAll(io.LimitReader(response.Body, 1)) // the first byte: it stays open
		text = append(line, b.line(response.Body)...)
	} else if text, err = io.ReadAll(response.Body); err != nil {
		b.Fatal(err)
	}
	synctest.Wait() // what it causes has happened
	if response.StatusCode != status {
		b.Fatalf("%s %s: %d %s, want %d", method, path, response.StatusCode, text, status)
	}
	bare, _, _ := strings.Cut(path, "?")
	operation := fmt.Sprintf("%s %s %d", method, bare, status)
	if err := b.api.validate(method, bare, status, response.Header.Get("Content-Type"), text); err != nil {
		b.Errorf("%s: %s: %v", operation, text, err)
	}
	b.answered[operation] = true
	return string(text)
}

// line reads the rest of a line.
func (b *bench) line(from io.Reader) (line []byte) {
	b.Helper()
	for one := make([]byte, 1); ; line = append(line, one[0]) {
		if _, err := from.Read(one); err != nil {
			b.Fatal(err)
		}
		if one[0] == '\n' {
			return line
		}
	}
}

// description is assets/openapi.json.
type description struct {
	Version  string                                   `json:"openapi"`
	Paths    map[string]map[string]describedOperation `json:"paths"`
	compiler *jsonschema.Compiler
}

type describedOperation struct {
	Parameters []struct {
		Name     string
		Required bool
	}
	Security  []map[string][]string
	Responses map[string]struct {
		Content map[string]any
	}
}

func readDescription(t *testing.T) *description {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("assets", "openapi.json"))
	if err != nil {
		t.Fatal(err)
	}
	d := &description{compiler: jsonschema.NewCompiler()}
	if err := json.Unmarshal(text, d); err != nil {
		t.Fatal(err)
	}
	whole, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	d.compiler.DefaultDraft(jsonschema.Draft2020)
	if err := d.compiler.AddResource("openapi.json", whole); err != nil {
		t.Fatal(err)
	}
	return d
}

// validate validates an answer by its schema.
func (d *description) validate(method, path string, status int, contentType string, text []byte) error {
	response, ok := d.Paths[path][strings.ToLower(method)].Responses[fmt.Sprint(status)]
	if !ok {
		return fmt.Errorf("the description has no such answer")
	}
	if len(response.Content) == 0 {
		if len(text) > 0 {
			return fmt.Errorf("the description wants no body")
		}
		return nil
	}
	if _, ok := response.Content[contentType]; !ok {
		return fmt.Errorf("the content type is %q, the description has %v", contentType, response.Content)
	}
	escape := strings.NewReplacer("~", "~0", "/", "~1").Replace
	schema, err := d.compiler.Compile(fmt.Sprintf("openapi.json#/paths/%s/%s/responses/%d/content/%s/schema", escape(path), strings.ToLower(method), status, escape(contentType)))
	if err != nil {
		return err
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return schema.Validate(value)
}
