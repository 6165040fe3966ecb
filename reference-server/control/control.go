// Package control serves the control API of the reference server: HTTP and JSON on an
// address of its own, as docs/contracts.md, part A, has it for any server under test.
package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"imcheck/protocol/controlapi"
	"imcheck/protocol/wire"
)

// maxBody bounds a request's body in bytes.
const maxBody = 1 << 20

// Server is the server that the API controls. Push and Kick report false, and do nothing, when the
// user is not online.
type Server interface {
	Info() controlapi.Info
	Push(m wire.Message) (online bool)
	Kick(user string, kick wire.Kickout) (online bool)
	Online() []string
}

// handler serves the API.
func handler(server Server, log *Log, done <-chan struct{}, more map[string]http.Handler) http.Handler {
	api := api{server, log, done, make(chan struct{}, MaxStreams)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+controlapi.PathInfo, api.info)
	mux.HandleFunc("POST "+controlapi.PathS2C, api.push)
	mux.HandleFunc("POST "+controlapi.PathKick, api.kick)
	mux.HandleFunc("GET "+controlapi.PathOnline, api.online)
	mux.HandleFunc("GET "+controlapi.PathEvents, api.events)
	for pattern, handler := range more {
		mux.Handle(pattern, handler)
	}
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
	answer(w, http.StatusOK, controlapi.OnlineAnswer{Users: a.server.Online()})
}

// messageOf is the message that a request asks to send.
func messageOf(r controlapi.PushRequest) (wire.Message, error) {
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
	var request controlapi.PushRequest
	if !read(w, r, &request) {
		return
	}
	m, err := messageOf(request)
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	if !a.server.Push(m) {
		refuse(w, http.StatusNotFound, fmt.Errorf("user %q is not online", *request.To))
		return
	}
	answer(w, http.StatusOK, controlapi.PushAnswer{Fingerprint: m.Fingerprint.Value()})
}

func (a api) kick(w http.ResponseWriter, r *http.Request) {
	var request controlapi.KickRequest
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

// read reads a JSON body. Unknown fields are refused: a misspelt option that is ignored
// would let a test pass for the wrong reason. False reports that the request is answered
// with an error.
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
	answer(w, status, controlapi.ErrorAnswer{Error: err.Error()})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) // the caller may be gone
}
