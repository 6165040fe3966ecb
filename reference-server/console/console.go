package console

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"imcheck/harness/transport"
	"imcheck/harness/webguard"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
	"imcheck/reference-server/control"
	"imcheck/reference-server/gateway"
)

// Server is the server that a console shows.
type Server interface {
	Info() controlapi.Info
	// Sessions, Session and OnlineCounts are as those of gateway.Gateway.
	Sessions(after uint64, limit int) []gateway.SessionInfo
	Session(user string) (gateway.SessionInfo, bool)
	OnlineCounts() [len(wire.Transports)]int
	// Dial connects to the server over one of its transports.
	Dial(ctx context.Context, t wire.Transport) (transport.Conn, error)
}

// Console serves the page and its API. Make one with New, and Close it.
type Console struct {
	server  Server
	log     *control.Log
	token   string
	clients *clients
}

// New returns the console of a server whose events are in log. With a token the API answers
// only those who know it, see Pages.
func New(server Server, log *control.Log, token string) *Console {
	return &Console{server: server, log: log, token: token, clients: newClients(server)}
}

// Close ends the built-in clients, without a logout.
func (c *Console) Close() { c.clients.close() }

//go:embed assets
var assets embed.FS

// Pages lists what the console serves. The page and the description of the API are for
// everybody who may ask the control API. The calls want the header Authorization: Bearer TOKEN
// when there is a token.
func (c *Console) Pages() []control.Page {
	pages := []control.Page{
		{Pattern: "GET /{$}", Handler: file("index.html", "text/html; charset=utf-8")},
		{Pattern: "GET /console.css", Handler: file("console.css", "text/css; charset=utf-8")},
		{Pattern: "GET /console.js", Handler: file("console.js", "text/javascript; charset=utf-8")},
		{Pattern: "GET /openapi.json", Handler: file("openapi.json", "application/json")},
	}
	for pattern, call := range map[string]call{
		"GET /api/status":        {c.status, nil},
		"GET /api/sessions":      {c.sessions, []string{"after", "limit", "user"}},
		"GET /api/events":        {c.events, []string{"after", "limit"}},
		"GET /api/clients":       {c.listClients, nil},
		"POST /api/loginConnect": {c.login, []string{"username", "password", "extra", "transport", "acks"}},
		"POST /api/sendMsg":      {c.send, []string{"friendId", "msg", "username", "qos"}},
		"POST /api/logout":       {c.logout, []string{"username"}},
	} {
		pages = append(pages, control.Page{Pattern: pattern, Handler: c.guarded(call)})
	}
	return pages
}

func file(name, contentType string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		webguard.SetPageHeaders(w.Header())
		http.ServeFileFS(w, r, assets, "assets/"+name)
	})
}

// call is one call of the API: it returns the answer, nil for 204.
type call struct {
	do         func(r *http.Request, q url.Values) (any, error)
	parameters []string
}

// refusal is an error that is answered with a status of its own.
type refusal struct {
	status int
	error
}

func refuse(status int, format string, args ...any) error {
	return refusal{status, fmt.Errorf(format, args...)}
}

// guarded answers a call for those who know the token.
func (c *Console) guarded(call call) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !c.authorized(r) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			answer(w, http.StatusUnauthorized, controlapi.ErrorAnswer{Error: "the console listens beyond loopback and wants its token: send the header Authorization: Bearer TOKEN; serve prints the address of the page with the token when it starts"})
			return
		}
		q, err := parameters(r, call.parameters)
		var body any
		if err == nil {
			body, err = call.do(r, q)
		}
		if err != nil {
			status := http.StatusBadRequest
			if refused, ok := errors.AsType[refusal](err); ok {
				status = refused.status
			}
			answer(w, status, controlapi.ErrorAnswer{Error: err.Error()})
			return
		}
		if body == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		answer(w, http.StatusOK, body)
	})
}

func (c *Console) authorized(r *http.Request) bool {
	if c.token == "" {
		return true
	}
	given, bearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	a, b := sha256.Sum256([]byte(given)), sha256.Sum256([]byte(c.token)) // equally long
	return bearer && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

// parameters reads the query of a request: each parameter once at most, and known ones only,
// as a misspelt one that is ignored would mislead.
func parameters(r *http.Request, known []string) (url.Values, error) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fmt.Errorf("reading the query: %w", err)
	}
	for name, values := range q {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("the parameter %q is unknown: %s", name, list(known))
		}
		if len(values) > 1 {
			return nil, fmt.Errorf("the parameter %q is given %d times", name, len(values))
		}
	}
	return q, nil
}

func list(known []string) string {
	if len(known) == 0 {
		return "the call takes none"
	}
	return "use " + strings.Join(known, ", ")
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) // the caller may be gone
}
