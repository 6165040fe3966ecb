package control

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"imcheck/protocol/controlapi"
)

// Bounds of the events that are written between two looks at the log. One event is
// written whatever its size.
const (
	maxBatch      = 256
	maxBatchBytes = 256 << 10
)

// events writes the events in the log after a sequence number, then each that is added,
// until the caller closes the connection or the server stops.
func (a api) events(w http.ResponseWriter, r *http.Request) {
	var seq uint64
	if since := r.URL.Query().Get(controlapi.ParameterSince); since != "" {
		var err error
		if seq, err = strconv.ParseUint(since, 10, 64); err != nil {
			refuse(w, http.StatusBadRequest, fmt.Errorf("since=%q is not a sequence number", since))
			return
		}
	}
	select {
	case a.streams <- struct{}{}:
		defer func() { <-a.streams }()
		a.stream(w, r, seq)
	default:
		refuse(w, http.StatusServiceUnavailable, fmt.Errorf("%d streams of events are open: close one of them", MaxStreams))
	}
}

// stream writes the events after seq. A caller that does not read them in time is
// dropped: the stream ends without the end of the answer.
func (a api) stream(w http.ResponseWriter, r *http.Request, seq uint64) {
	w.Header().Set("Content-Type", "application/x-ndjson")
	response, lines := http.NewResponseController(w), json.NewEncoder(w)
	for {
		events, grown := a.log.since(seq)
		if response.SetWriteDeadline(time.Now().Add(WriteTimeout)) != nil {
			return
		}
		for _, e := range events {
			if lines.Encode(e.line()) != nil {
				return
			}
			seq = e.seq
		}
		if response.Flush() != nil { // the first one sends the head of the answer
			return
		}
		if len(events) > 0 {
			continue
		}
		select {
		case <-grown:
		case <-r.Context().Done():
			return
		case <-a.done:
			return
		}
	}
}
