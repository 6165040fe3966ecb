// Package control is the reference server's control API: HTTP and JSON on an
// address of its own, as docs/contracts.md part A lays down for any server under
// test.
package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"imcheck/protocol/wire"
)

// maxBody bounds a request's body in bytes.
const maxBody = 1 << 20

// Info is the answer to GET /v1/info.
type Info struct {
	Name         string            `json:"name"`
	Version      string            `json:"version"`
	Capabilities []string          `json:"capabilities"`
	Listen       map[string]string `json:"listen"`    // address by transport
	SenseMode    map[string]string `json:"senseMode"` // by transport
}

// Server is what the API controls.
type Server interface {
	Info() Info
	Push(m wire.Message) (online bool)
	Kick(user string, kick wire.Kickout) (online bool)
	Online() []string
}

// handler serves the API.
func handler(server Server, log *Log, done <-chan struct{}) http.Handler {
	api := api{server, log, done, make(chan struct{}, MaxStreams)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/info", api.info)
	mux.HandleFunc("POST /v1/s2c", api.push)
	mux.HandleFunc("POST /v1/kick", api.kick)
	mux.HandleFunc("GET /v1/online", api.online)
	mux.HandleFunc("GET /v1/events", api.events)
	return mux
}

type api struct {
	server  Server
	log     *Log
	done    <-chan struct{}
	streams chan struct{} // holds an element for each open stream of events
}

func (a api) info(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, a.server.Info())
}

func (a api) online(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string][]string{"users": a.server.Online()})
}

// pushRequest is the body of POST /v1/s2c.
type pushRequest struct {
	To          *string `json:"to"`
	DataContent *string `json:"dataContent"`
	QoS         bool    `json:"qos"`
	Fingerprint *string `json:"fp"`
	UserType    *int32  `json:"typeu"`
}

func (r pushRequest) message() (wire.Message, error) {
	if r.To == nil || r.DataContent == nil {
		return wire.Message{}, errors.New(`"to" and "dataContent" are required`)
	}
	m := wire.NewData(wire.ServerID, *r.To, *r.DataContent)
	m.QoS = r.QoS
	switch {
	case r.Fingerprint != nil:
		m.Fingerprint = wire.Some(*r.Fingerprint)
	case r.QoS:
		m.Fingerprint = wire.Some(wire.NewFingerprint())
	}
	if r.UserType != nil {
		m.UserType = *r.UserType
	}
	return m, nil
}

func (a api) push(w http.ResponseWriter, r *http.Request) {
	var request pushRequest
	if !read(w, r, &request) {
		return
	}
	m, err := request.message()
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	if !a.server.Push(m) {
		refuse(w, http.StatusNotFound, fmt.Errorf("user %q is not online", *request.To))
		return
	}
	answer(w, http.StatusOK, map[string]string{"fp": m.Fingerprint.Value()})
}

// kickRequest is the body of POST /v1/kick.
type kickRequest struct {
	User   *string `json:"user"`
	Code   *int32  `json:"code"`
	Reason *string `json:"reason"`
}

func (a api) kick(w http.ResponseWriter, r *http.Request) {
	var request kickRequest
	if !read(w, r, &request) {
		return
	}
	if request.User == nil || request.Code == nil {
		refuse(w, http.StatusBadRequest, errors.New(`"user" and "code" are required`))
		return
	}
	kick := wire.Kickout{Code: wire.Code(*request.Code)}
	if request.Reason != nil {
		kick.Reason = wire.Some(*request.Reason)
	}
	if !a.server.Kick(*request.User, kick) {
		refuse(w, http.StatusNotFound, fmt.Errorf("user %q is not online", *request.User))
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// read takes a JSON body. Unknown fields are refused: a misspelt option that
// is passed over would let a test pass for the wrong reason.
func read(w http.ResponseWriter, r *http.Request, into any) bool {
	if !isJSON(r) {
		refuse(w, http.StatusUnsupportedMediaType, errors.New("the body has to be declared as JSON: send the header Content-Type: application/json"))
		return false
	}
	body := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	body.DisallowUnknownFields()
	err := body.Decode(into)
	if err == nil {
		if _, trailing := body.Token(); trailing != io.EOF {
			err = errors.New("text after the JSON object")
		}
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, fmt.Errorf("reading the request: %w", err))
		return false
	}
	return true
}

func refuse(w http.ResponseWriter, status int, err error) {
	answer(w, status, map[string]string{"error": err.Error()})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) // the caller may be gone; nobody is left to tell
}
