// Package rabbitmqtest starts a RabbitMQ of a test's own: everything on loopback, with a name,
// ports and a folder that nothing else uses.
package rabbitmqtest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// patience is the time after which a broker that does not start or stop fails a test.
const patience = 90 * time.Second

// debian is where Debian's package has the script that runs as anybody; the one of the same
// name on the path changes the user first.
const debian = "/usr/lib/rabbitmq/bin/rabbitmq-server"

// Server is a RabbitMQ. Make one with New.
type Server struct {
	t       *testing.T
	script  string
	dir     string
	port    int
	names   int // port of epmd, which knows the ports of Erlang's nodes
	nodes   int // port for other nodes
	process *exec.Cmd
}

// wanted is the variable of the environment with which the tests over RabbitMQ run.
const wanted = "RABBITMQ"

// New starts a broker, which ends with the test. It skips the test without RabbitMQ on the
// machine, and unless the environment asks for it: a broker takes ten seconds to start.
func New(t *testing.T) *Server {
	t.Helper()
	if os.Getenv(wanted) == "" {
		t.Skipf("the tests over RabbitMQ take a minute: make rabbitmq runs them (%s=1)", wanted)
	}
	script, err := find()
	if err != nil {
		t.Skipf("RabbitMQ is not installed, so this test is left out: install rabbitmq-server (%v)", err)
	}
	s := &Server{t: t, script: script, dir: t.TempDir(), port: freePort(t), names: freePort(t), nodes: freePort(t)}
	for name, text := range map[string]string{
		"plugins":       "[].\n",
		"rabbitmq.conf": "vm_memory_high_watermark.absolute = 256MB\ndisk_free_limit.absolute = 1MB\n",
	} {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.startNames()
	t.Cleanup(s.Kill)
	s.Start()
	return s
}

func find() (string, error) {
	if _, err := exec.LookPath("epmd"); err != nil {
		return "", err
	}
	if _, err := os.Stat(debian); err == nil {
		return debian, nil
	}
	return exec.LookPath("rabbitmq-server")
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// startNames starts epmd, which a node would start by itself otherwise, for good and on all
// addresses.
func (s *Server) startNames() {
	epmd := exec.Command("epmd", "-address", "127.0.0.1", "-port", strconv.Itoa(s.names))
	if err := epmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		_ = epmd.Process.Kill()
		_ = epmd.Wait()
	})
	s.wait("epmd to listen", func() bool { return listening(s.names) })
}

// URL is where the broker is, with the credentials that it has at first.
func (s *Server) URL() string { return fmt.Sprintf("amqp://guest:guest@127.0.0.1:%d", s.port) }

// Start starts the broker, with what it has kept of the queues.
func (s *Server) Start() {
	s.t.Helper()
	at := func(name string) string { return filepath.Join(s.dir, name) }
	_ = os.Remove(at("pid"))
	log, err := os.OpenFile(at("output"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	defer log.Close()
	s.process = exec.Command(s.script)
	s.process.Stdout, s.process.Stderr = log, log
	s.process.Env = append(os.Environ(),
		"HOME="+s.dir, "RABBITMQ_CONF_ENV_FILE="+os.DevNull,
		"ERL_EPMD_ADDRESS=127.0.0.1", fmt.Sprint("ERL_EPMD_PORT=", s.names),
		fmt.Sprintf("RABBITMQ_NODENAME=imcheck%d@localhost", s.port),
		"RABBITMQ_NODE_IP_ADDRESS=127.0.0.1", fmt.Sprint("RABBITMQ_NODE_PORT=", s.port), fmt.Sprint("RABBITMQ_DIST_PORT=", s.nodes),
		"RABBITMQ_MNESIA_BASE="+at("mnesia"), "RABBITMQ_LOG_BASE="+at("log"), "RABBITMQ_PID_FILE="+at("pid"),
		"RABBITMQ_CONFIG_FILE="+at("rabbitmq"), "RABBITMQ_ENABLED_PLUGINS_FILE="+at("plugins"),
		"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS=-kernel inet_dist_use_interface {127,0,0,1} +S 1:1 +sbwt none",
	)
	if err := s.process.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.wait("the broker to listen", func() bool { return listening(s.port) })
}

// Kill ends the broker at once, without a word to its clients.
func (s *Server) Kill() {
	if s.process == nil {
		return
	}
	pid := 0
	s.wait("the process ID of the broker", func() bool {
		text, _ := os.ReadFile(filepath.Join(s.dir, "pid"))
		pid, _ = strconv.Atoi(strings.TrimSpace(string(text)))
		return pid > 0
	})
	if broker, err := os.FindProcess(pid); err == nil {
		_ = broker.Kill()
	}
	_ = s.process.Wait()
	s.process = nil
}

// wait polls until a condition is true.
func (s *Server) wait(what string, condition func() bool) {
	s.t.Helper()
	again, tooLong := time.NewTicker(50*time.Millisecond), time.After(patience)
	defer again.Stop()
	for !condition() {
		select {
		case <-again.C:
		case <-tooLong:
			output, _ := os.ReadFile(filepath.Join(s.dir, "output"))
			s.t.Fatalf("waited %v for %s:\n%.2000s", patience, what, output)
		}
	}
}

func listening(port int) bool {
	c, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", port))
	if err != nil {
		return false
	}
	c.Close()
	return true
}
