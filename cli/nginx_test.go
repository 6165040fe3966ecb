package cli_test

import (
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// nginxConfig is that of docs/deployments.md for a machine whose own nginx is not touched:
// all its files are in one folder, and it listens on loopback.
var nginxConfig = template.Must(template.New("nginx").Parse(`
daemon off;
{{if .Root}}user root;{{end}}
{{if .Module}}load_module {{.Module}};{{end}}
{{if .Shutdown}}worker_shutdown_timeout {{.Shutdown}};{{end}}
worker_processes 1;
worker_rlimit_nofile 9000;
pid {{.Dir}}/pid;
error_log {{.Dir}}/error.log;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path {{.Dir}}/body;
  proxy_temp_path {{.Dir}}/proxy;
  fastcgi_temp_path {{.Dir}}/fastcgi;
  uwsgi_temp_path {{.Dir}}/uwsgi;
  scgi_temp_path {{.Dir}}/scgi;
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  upstream im { {{range .WS}}server {{.}}; {{end}} }
  server {
    listen {{.At.WS}};
    listen {{.At.WSS}} ssl;
    ssl_certificate {{.Work}}/server.pem;
    ssl_certificate_key {{.Work}}/server-key.pem;
    location = /im/ws {
      proxy_pass http://im/websocket;
      proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }
    location / { return 404; }
  }
}
stream {
  upstream tcp { {{range .TCP}}server {{.}}; {{end}} }
  upstream udp { {{range .UDP}}server {{.}}; {{end}} }
  server { listen {{.At.TCP}}; proxy_pass tcp; }
  server { listen {{.At.UDP}} udp; proxy_pass udp; }
}
`))

// nginx NAME SERVER... [shutdown=TIME]: nginx in front of servers, with the certificates of certificates. It
// is at NAME_WS, NAME_WSS (both with the path /im/ws), NAME_TCP and NAME_UDP; NAME_CONF is
// its configuration, NAME_PID its process. When it loads its configuration anew it keeps the
// connections that are open, for as long as shutdown says or until they end.
func startNginx(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs("nginx-" + args[0])
	ts.Check(os.MkdirAll(dir, 0o777))
	at := map[string]string{}
	for _, name := range []string{"WS", "WSS", "TCP", "UDP"} {
		at[name] = freeAddress(ts, name == "UDP")
		ts.Setenv(args[0]+"_"+name, at[name])
	}
	backends := map[string][]string{}
	shutdown := ""
	for _, server := range args[1:] {
		if timeout, ok := strings.CutPrefix(server, "shutdown="); ok {
			shutdown = timeout
			continue
		}
		for _, name := range []string{"WS", "TCP", "UDP"} {
			backends[name] = append(backends[name], ts.Getenv(server+"_"+name))
		}
	}
	const module = "/usr/lib/nginx/modules/ngx_stream_module.so" // Debian's; elsewhere it is built in
	data := map[string]any{
		"Root": os.Geteuid() == 0, "Dir": dir, "Work": ts.Getenv("WORK"), "At": at,
		"WS": backends["WS"], "TCP": backends["TCP"], "UDP": backends["UDP"], "Module": "", "Shutdown": shutdown,
	}
	if _, err := os.Stat(module); err == nil {
		data["Module"] = module
	}
	var text bytes.Buffer
	ts.Check(nginxConfig.Execute(&text, data))
	conf := filepath.Join(dir, "nginx.conf")
	ts.Check(os.WriteFile(conf, text.Bytes(), 0o666))
	ts.Setenv(args[0]+"_CONF", conf)
	process := exec.Command("nginx", "-p", dir, "-c", conf, "-e", filepath.Join(dir, "error.log"))
	var said bytes.Buffer
	process.Stdout, process.Stderr = &said, &said
	ts.Check(process.Start())
	ts.Setenv(args[0]+"_PID", strconv.Itoa(process.Process.Pid))
	ended := make(chan error, 1)
	go func() { ended <- process.Wait() }()
	ts.Defer(func() {
		_ = process.Process.Signal(os.Interrupt) // it may have ended
		<-ended
	})
	for range 500 {
		select {
		case err := <-ended:
			ended <- err
			ts.Fatalf("nginx ended: %v\n%s", err, said.String())
		case <-time.After(10 * time.Millisecond):
		}
		if conn, err := net.Dial("tcp", at["TCP"]); err == nil {
			conn.Close()
			return
		}
	}
	ts.Fatalf("nginx does not listen: %s", said.String())
}

// freeAddress returns an address of loopback at which nobody listens, with a port that the
// system gives to nobody by itself: another client would have it before nginx.
func freeAddress(ts *testscript.TestScript, packets bool) string {
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 10_000+rand.IntN(20_000))
		listen := func() (io.Closer, error) { return net.Listen("tcp", address) }
		if packets {
			listen = func() (io.Closer, error) { return net.ListenPacket("udp", address) }
		}
		if socket, err := listen(); err == nil {
			socket.Close()
			return address
		}
	}
	ts.Fatalf("no port is free")
	return ""
}

// hasNginx reports for [nginx] whether there is an nginx with its stream module, and says
// why a script is skipped.
func hasNginx() (bool, error) {
	out, err := exec.Command("nginx", "-V").CombinedOutput()
	if err != nil {
		return false, nil
	}
	if !strings.Contains(string(out), "--with-stream") {
		return false, fmt.Errorf("nginx has no stream module: %s", out)
	}
	return true, nil
}
