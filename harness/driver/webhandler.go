package driver

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"imcheck/protocol/driverapi"
)

// ServeHTTP answers clients under test. Whoever does not know the token learns nothing.
func (w *Web) ServeHTTP(out http.ResponseWriter, in *http.Request) {
	h := out.Header()
	h.Set("Access-Control-Allow-Origin", "*") // a page under test comes from anywhere; the token is what it has to know
	h.Set("Cache-Control", "no-store")
	token, path, _ := strings.Cut(strings.TrimPrefix(in.URL.Path, "/"), "/")
	if subtle.ConstantTimeCompare([]byte(token), []byte(w.token)) == 0 {
		refuse(out, http.StatusNotFound, errors.New("nothing is here: the address has to be the one that was printed"))
		return
	}
	if in.Method == http.MethodOptions { // a browser asks before it sends JSON
		h.Set("Access-Control-Allow-Methods", "GET, POST")
		h.Set("Access-Control-Allow-Headers", "Content-Type")
		h.Set("Access-Control-Allow-Private-Network", "true")
		out.WriteHeader(http.StatusNoContent)
		return
	}
	number, rest, _ := strings.Cut(path, "/")
	r := w.find(number)
	switch {
	case number == "" && in.Method == http.MethodPost:
		w.welcome(out, in)
	case number == "":
		fmt.Fprintln(out, "Clients under test come to this address (docs/contracts.md, part B). It is not for people.")
	case r == nil:
		refuse(out, http.StatusNotFound, fmt.Errorf("there is no client %q", number))
	case rest == "" && in.Method == http.MethodGet:
		r.serveCommands(out, in)
	case rest == "" && in.Method == http.MethodPost:
		serveText(out, in, r.tell)
	case rest == "stderr" && in.Method == http.MethodPost:
		serveText(out, in, func(text []byte) error {
			_, err := r.stderr.Write(text)
			return err
		})
	default:
		refuse(out, http.StatusNotFound, errors.New("ask for commands with GET, and tell events with POST"))
	}
}

// welcome takes a client in that says that it is ready.
func (w *Web) welcome(out http.ResponseWriter, in *http.Request) {
	if w.isClosed() {
		refuse(out, http.StatusGone, errors.New("the run is over"))
		return
	}
	body, err := readBody(out, in)
	if err != nil {
		refuse(out, http.StatusBadRequest, err)
		return
	}
	e, err := driverapi.ParseEvent(body)
	if err == nil && e.Kind != driverapi.EventReady {
		err = fmt.Errorf("the first event is not ready, but %s", e)
	}
	if err != nil {
		refuse(out, http.StatusBadRequest, err)
		return
	}
	number, err := w.add(e)
	if err != nil {
		refuse(out, http.StatusServiceUnavailable, err)
		return
	}
	answer(out, http.StatusCreated, map[string]string{"client": number})
}

// serveCommands answers the question for the commands after the first few.
func (r *remote) serveCommands(out http.ResponseWriter, in *http.Request) {
	after, err := strconv.Atoi(in.URL.Query().Get("after"))
	if err != nil || after < 0 {
		refuse(out, http.StatusBadRequest, errors.New("add ?after= with the number of commands that the client has"))
		return
	}
	lines, over, err := r.commands(in.Context(), after)
	switch {
	case err != nil:
		refuse(out, http.StatusBadRequest, err)
	case over:
		refuse(out, http.StatusGone, errCaseOver)
	case len(lines) == 0:
		out.WriteHeader(http.StatusNoContent)
	default:
		out.Header().Set("Content-Type", "application/x-ndjson")
		_, _ = out.Write(lines) // a client that did not get them asks again
	}
}

// serveText passes the text of a request on.
func serveText(out http.ResponseWriter, in *http.Request, pass func(text []byte) error) {
	text, err := readBody(out, in)
	switch {
	case err != nil:
		refuse(out, http.StatusBadRequest, err)
		return
	case len(text) > 0:
		err = pass(text)
	}
	if errors.Is(err, errNoCase) {
		refuse(out, http.StatusConflict, err)
	} else if err != nil {
		refuse(out, http.StatusGone, err)
	} else {
		out.WriteHeader(http.StatusNoContent)
	}
}

// maxBody bounds the body of a request: a line of the largest size, with its line feed.
const maxBody = driverapi.MaxLine + 1

func readBody(out http.ResponseWriter, in *http.Request) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(out, in.Body, maxBody))
	if err != nil {
		return nil, fmt.Errorf("read the body: %w", err)
	}
	return body, nil
}

func refuse(out http.ResponseWriter, status int, err error) {
	answer(out, status, map[string]string{"error": err.Error()})
}

func answer(out http.ResponseWriter, status int, body map[string]string) {
	out.Header().Set("Content-Type", "application/json")
	out.WriteHeader(status)
	_ = json.NewEncoder(out).Encode(body) // who does not read it has gone
}
