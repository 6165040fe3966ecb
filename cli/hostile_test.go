package cli_test

import (
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"unicode"

	"github.com/rogpeppe/go-internal/testscript"

	"imcheck/protocol/wire"
)

// hostileText is text that a target might want a terminal, a report, or a continuous
// integration that reads along to do.
const hostileText = "\x1b]0;owned\x07\x1b[2J\u202e</script><script>alert(1)</script>\r\n::error::owned\n##vso[task.complete]\n# owned\n"

// hostileTexts NAME, the command hostile: a target that says such things of itself. NAME_CONTROL is a control
// API with a name and lists of a megabyte, NAME_REDIRECT one that sends its callers
// to NAME_ELSEWHERE, where called counts them, NAME_REFUSING one that fails with
// such a text, NAME_TCP answers every message with one that has it, NAME_WS the
// upgrade.
func hostileTexts(ts *testscript.TestScript, _ bool, args []string) {
	name := args[0]
	var visits atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	long := hostileText + strings.Repeat("long", 1<<18)
	info := map[string]any{"name": long, "version": long, "capabilities": []string{long, "kick\x1b[2J"}, "listen": map[string]string{"tcp": long}}
	servers := map[string]*httptest.Server{
		"ELSEWHERE": elsewhere,
		"CONTROL": httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(w).Encode(info) // the caller may be gone
		})),
		"REDIRECT": httptest.NewServer(http.RedirectHandler(elsewhere.URL+"/owned", http.StatusTemporaryRedirect)),
		"REFUSING": httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, long, http.StatusInternalServerError)
		})),
	}
	for suffix, server := range servers {
		ts.Setenv(name+"_"+suffix, strings.TrimPrefix(server.URL, "http://"))
		ts.Defer(server.Close)
	}
	answer := wire.NewData(wire.ServerID, hostileText, hostileText)
	ts.Setenv(name+"_TCP", answering(ts, wire.AppendMessageFrame(nil, answer)))
	ts.Setenv(name+"_WS", answering(ts, []byte("HTTP/1.1 302 \x1b[2Jowned\r\nLocation: http://"+elsewhere.Listener.Addr().String()+"/owned\r\n\r\n")))
	ts.Defer(func() {
		if n := visits.Load(); n > 0 {
			ts.Fatalf("the target sent %d requests elsewhere", n)
		}
	})
}

// answering listens, and answers whatever comes with the same bytes.
func answering(ts *testscript.TestScript, answer []byte) (address string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				go answerAll(conn, answer)
			}
		}
	}()
	return listener.Addr().String()
}

func answerAll(conn net.Conn, answer []byte) {
	defer conn.Close()
	buffer := make([]byte, 4096)
	for {
		if _, err := conn.Read(buffer); err != nil {
			return
		}
		if _, err := conn.Write(answer); err != nil && !errors.Is(err, io.EOF) {
			return
		}
	}
}

// harmless FILES: nothing in these files, stdout and stderr among them, makes a
// terminal or a continuous integration do something, and none is long.
func harmless(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		text := ts.ReadFile(name)
		if len(text) > 1<<20 {
			ts.Fatalf("%s has %d bytes", name, len(text))
		}
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			if i := strings.IndexFunc(line, func(r rune) bool { return !unicode.IsPrint(r) && r != '\t' }); i >= 0 {
				ts.Fatalf("%s: the line %q has a character that a terminal obeys", name, line)
			}
			start := strings.TrimLeft(line, " \t")
			page := strings.HasSuffix(name, ".html") // which no log shows
			command := strings.HasPrefix(start, "::") || strings.HasPrefix(start, "##vso")
			if !page && command || strings.HasPrefix(line, "# owned") {
				ts.Fatalf("%s: the line %q is a command to who reads along", name, line)
			}
			if strings.Contains(line, "<script>alert") && !strings.HasSuffix(name, ".json") && !strings.HasPrefix(name, "std") && !strings.Contains(line, "`") {
				ts.Fatalf("%s: %q is markup", name, line)
			}
		}
	}
}
