package live

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"imcheck/reports/page"
)

// Limits of what who looks on may take.
const (
	// maxStreams bounds the pages that follow a run at once. A further one is refused with 503.
	maxStreams = 16
	// writeTime bounds how long a page may take to read an update.
	writeTime = 10 * time.Second
	// streamPause is the least time between two updates.
	streamPause = 200 * time.Millisecond
)

// Handler serves the page at /, its events at /events, and the latest state as JSON at
// /snapshot.json. Who may ask, and the headers of the answers, are the caller's.
func (b *Board) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", b.servePage)
	mux.HandleFunc("GET /events", b.serveEvents)
	mux.HandleFunc("GET /snapshot.json", b.serveSnapshot)
	mux.Handle("GET /live.css", file("text/css; charset=utf-8", page.Style()+asset("live.css")))
	mux.Handle("GET /live.js", file("text/javascript; charset=utf-8", asset("live.js")))
	return mux
}

func asset(name string) string {
	text, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic(err) // it is part of the program
	}
	return string(text)
}

func file(contentType, text string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(text))
	})
}

// servePage serves the page as of now, which is whole without its script.
func (b *Board) servePage(w http.ResponseWriter, _ *http.Request) {
	u, err := b.render()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	type part struct {
		ID   string
		HTML template.HTML
	}
	var parts []part
	for _, id := range partIDs {
		parts = append(parts, part{id, template.HTML(u.Parts[id])}) // made by render
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = templates().ExecuteTemplate(w, "live.html", map[string]any{"Title": u.Title, "Ended": u.Ended, "Parts": parts}) // who asked may be gone
}

// serveSnapshot serves the latest state.
func (b *Board) serveSnapshot(w http.ResponseWriter, _ *http.Request) {
	s, _ := b.snapshot()
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(s) // who asked may be gone
}

// serveEvents streams updates (Server-Sent Events), each with the parts that have changed, until
// who asked is gone or the board is closed.
func (b *Board) serveEvents(w http.ResponseWriter, r *http.Request) {
	select {
	case b.places <- struct{}{}:
		defer func() { <-b.places }()
	default:
		http.Error(w, fmt.Sprintf("%d pages follow this run already: close one of them", maxStreams), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	fmt.Fprint(w, "retry: 1000\n\n") // milliseconds, until a page whose stream has broken asks again
	stream := stream{w: w, control: http.NewResponseController(w), sent: map[string]string{}}
	for {
		closing := b.isClosed() // what is there now is the last that is sent
		_, version, changed := b.latest()
		if version != stream.version {
			u, err := b.render()
			if err != nil || stream.send(u) != nil {
				return
			}
		}
		if closing || !b.await(r.Context(), changed) {
			return
		}
	}
}

// await waits for the next version, streamPause at least, or until the board is closed. It
// returns false when ctx is done.
func (b *Board) await(ctx context.Context, changed <-chan struct{}) bool {
	pause := time.NewTimer(streamPause)
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-b.closed:
	case <-ctx.Done():
		return false
	}
	select {
	case <-changed:
	case <-b.closed:
	case <-ctx.Done():
		return false
	}
	return true
}

func (b *Board) isClosed() bool {
	select {
	case <-b.closed:
		return true
	default:
		return false
	}
}

// stream is a page that follows a run.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	version int               // that it has
	sent    map[string]string // parts that it has
}

// send sends the parts that the page does not have yet.
func (s *stream) send(u update) error {
	changed := map[string]string{}
	for id, html := range u.Parts {
		if had, ok := s.sent[id]; !ok || had != html {
			changed[id], s.sent[id] = html, html
		}
	}
	s.version, u.Parts = u.version, changed
	data, err := json.Marshal(u)
	if err != nil {
		return err
	}
	_ = s.control.SetWriteDeadline(time.Now().Add(writeTime)) // a writer of a test has none
	if _, err := fmt.Fprintf(s.w, "data: %s\n\n", data); err != nil {
		return err
	}
	return s.control.Flush()
}
