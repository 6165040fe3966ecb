package cli_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// gateway NAME TO [on=HOST:PORT] [cert=NAME] [clients=NAME] [path=/P?Q] [header='N: V']
// [subprotocol=S] [insist] [deflate]: a proxy of another kind than that of the proxy command, which
// ends TLS and knows HTTP. It is at NAME_AT; TO is host:port. With cert it has TLS, with
// clients it wants certificates of clients that this one has signed. With path it takes
// requests for that path only and passes them on as /websocket; with header only those that
// have it, and it quotes what it got in the status otherwise. With deflate it compresses all
// messages that it sends, with insist it refuses those who do not offer that. Without path it
// passes streams on as they are.
func startGateway(ts *testscript.TestScript, _ bool, args []string) {
	options := map[string]string{"on": "127.0.0.1:0"}
	for _, option := range args[2:] {
		name, value, _ := strings.Cut(option, "=")
		options[name] = value
	}
	listener, err := net.Listen("tcp", options["on"])
	ts.Check(err)
	ts.Setenv(args[0]+"_AT", listener.Addr().String())
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	ts.Setenv(args[0]+"_PORT", port)
	if cert := options["cert"]; cert != "" {
		pair, err := tls.LoadX509KeyPair(ts.MkAbs(cert+".pem"), ts.MkAbs(cert+"-key.pem"))
		ts.Check(err)
		config := &tls.Config{Certificates: []tls.Certificate{pair}, NextProtos: []string{"http/1.1"}}
		if clients := options["clients"]; clients != "" {
			text, err := os.ReadFile(ts.MkAbs(clients + ".pem"))
			ts.Check(err)
			config.ClientCAs, config.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
			config.ClientCAs.AppendCertsFromPEM(text)
		}
		listener = tls.NewListener(listener, config)
	}
	ts.Defer(func() { listener.Close() })
	if options["path"] == "" {
		go passStreams(listener, args[1])
		return
	}
	server := &http.Server{Handler: upgrades(args[1], options), ErrorLog: log.New(io.Discard, "", 0)}
	ts.Defer(func() { server.Close() })
	go server.Serve(listener)
}

// upgrades passes on the requests that the options allow.
func upgrades(to string, options map[string]string) http.Handler {
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: to})
	proxy.ErrorLog = log.New(io.Discard, "", 0)
	proxy.ModifyResponse = func(answer *http.Response) error {
		if chosen := options["subprotocol"]; chosen != "" && answer.StatusCode == http.StatusSwitchingProtocols {
			answer.Header.Set("Sec-WebSocket-Protocol", chosen)
		}
		return nil
	}
	name, value, _ := strings.Cut(options["header"], ": ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch _, insists := options["insist"]; {
		case !strings.HasPrefix(r.RequestURI, options["path"]) || strings.Contains(r.RequestURI, "none"):
			http.NotFound(w, r)
			return
		case name != "" && r.Header.Get(name) != value:
			refuse(w, "401 not with "+r.Header.Get(name))
			return
		case insists && !strings.Contains(r.Header.Get("Sec-WebSocket-Extensions"), "permessage-deflate"):
			w.Header().Set("Sec-WebSocket-Extensions", "permessage-deflate")
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		if _, deflates := options["deflate"]; deflates {
			deflate(w, r, to)
			return
		}
		r.URL.Path, r.URL.RawQuery = "/websocket", ""
		proxy.ServeHTTP(w, r)
	})
}

// refuse answers with a status line of its own.
func refuse(w http.ResponseWriter, status string) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "HTTP/1.1 "+status+"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

// passStreams passes streams on, without TLS.
func passStreams(listener net.Listener, to string) {
	p := &proxy{to: to}
	for {
		conn, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			go p.forward(conn)
		}
	}
}

// nowhere TEXT [FOLDER...]: no file of the folders has the text, and neither have stdout
// and stderr of the last command.
func nowhere(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range []string{"stdout", "stderr"} {
		if strings.Contains(ts.ReadFile(name), args[0]) {
			ts.Fatalf("%s has %q", name, args[0])
		}
	}
	for _, folder := range args[1:] {
		files := 0
		ts.Check(walkFiles(ts.MkAbs(folder), func(path, text string) {
			if files++; strings.Contains(text, args[0]) || strings.Contains(path, args[0]) {
				ts.Fatalf("%s has %q", path, args[0])
			}
		}))
		if files == 0 {
			ts.Fatalf("there is no file in %s", folder)
		}
	}
}

func walkFiles(folder string, visit func(path, text string)) error {
	entries, err := os.ReadDir(folder)
	for _, entry := range entries {
		path := folder + string(os.PathSeparator) + entry.Name()
		if entry.IsDir() {
			err = errors.Join(err, walkFiles(path, visit))
			continue
		}
		text, failure := os.ReadFile(path)
		err = errors.Join(err, failure)
		visit(path, string(text))
	}
	return err
}
