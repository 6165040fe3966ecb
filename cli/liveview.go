package cli

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"imcheck/harness/target"
	"imcheck/harness/webguard"
	"imcheck/reports"
	"imcheck/reports/live"
)

// liveView serves a page that follows a run, at the address of --ui. Without an address its
// methods do nothing. What it shows is told of the run elsewhere: liveload.go, livemodes.go.
type liveView struct {
	address string // "" for none
	board   *live.Board
	server  *http.Server
	started time.Time
	history live.History // of the load that is under way
}

// lastUpdate bounds the wait at the end until all who look on have had the latest state.
const lastUpdate = time.Second

func (v *liveView) register(flags *pflag.FlagSet, what string) {
	flags.StringVar(&v.address, "ui", "", "serve a page that follows "+what+" as it goes on, at `ADDR`: host:port, or a port of 127.0.0.1 alone, such as :9200")
}

// hostPort returns the host to listen on, loopback unless another is named, and the port.
func (v *liveView) hostPort() (host, port string, err error) {
	address := v.address
	if !strings.Contains(address, ":") {
		address = ":" + address
	}
	return splitOnLoopback(address)
}

// listen begins to serve the page of a run, and says on stderr where.
func (v *liveView) listen(a *app, title string) error {
	if v.address == "" {
		return nil
	}
	host, port, err := v.hostPort()
	var listener net.Listener
	if err == nil {
		listener, err = net.Listen("tcp", net.JoinHostPort(host, port))
	}
	if err != nil {
		return fmt.Errorf("--ui: %w: write it as host:port, such as 127.0.0.1:9200, with a port that is free", err)
	}
	v.board, v.started = live.NewBoard(title), time.Now()
	v.server = &http.Server{Handler: guardedPage(host, v.board.Handler()), ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: 16 << 10, ErrorLog: log.New(io.Discard, "", 0)}
	go func() { _ = v.server.Serve(listener) }() // until close
	bound := listener.Addr().String()
	fmt.Fprintf(a.err, "ui: http://%s/\n", bound)
	if !isLoopback(bound) {
		a.complain("warning: --ui listens beyond loopback (%s): whoever can reach it can see how the run goes, and against which target. Listen on 127.0.0.1 unless other machines need it.", bound)
	}
	return nil
}

// guardedPage serves a page to its own address only, with the headers of one.
func guardedPage(host string, page http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		webguard.SetPageHeaders(w.Header())
		if err := webguard.Check(r, host, "the page of --ui"); err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return
		}
		page.ServeHTTP(w, r)
	})
}

// update changes what the page shows.
func (v *liveView) update(change func(*live.State)) {
	if v.board == nil {
		return
	}
	v.board.Update(func(s *live.State) {
		s.ElapsedMs = time.Since(v.started).Milliseconds()
		change(s)
	})
}

// runs says against which target the run goes; its time counts from here.
func (v *liveView) runs(title string, t *target.Target) {
	v.started = time.Now()
	v.update(func(s *live.State) { s.Title, s.Target = title, describe(t) })
}

// end shows the outcome of a run, which stays until the process ends.
func (v *liveView) end(h *reports.Header, summary string) {
	v.update(func(s *live.State) {
		s.Ended, s.Outcome, s.Reason, s.Summary = true, h.Outcome, h.Reason, summary
		s.ElapsedMs = h.DurationMs
	})
}

// close ends the page, once all who look on have had its latest state.
func (v *liveView) close() {
	if v.server == nil {
		return
	}
	v.board.Close()
	ctx, cancel := context.WithTimeout(context.Background(), lastUpdate)
	defer cancel()
	_ = v.server.Shutdown(ctx) // who has not read it by then does not
	_ = v.server.Close()
}
