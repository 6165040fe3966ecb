package rabbitmq_test

import (
	"context"
	"net"
	"strings"
	"testing"

	"imcheck/harness/broker/rabbitmq"
	"imcheck/internal/rabbitmqtest"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]string{
		"amqp://127.0.0.1":                        "amqp://127.0.0.1:5672",
		"amqp://user:secret@127.0.0.1:4711":       "amqp://127.0.0.1:4711",
		"amqp://user:secret@[::1]:4711/":          "amqp://[::1]:4711",
		"amqps://user:secret@im.example/im%2fone": "amqps://im.example:5671/im%2Fone",
		"amqp://im.example/v?heartbeat=5":         "amqp://im.example:5672/v",
	} {
		b, err := rabbitmq.Parse(text)
		if err != nil || b.String() != want {
			t.Errorf("%s: %q, %v; want %q", text, b, err, want)
		}
	}
}

// Errors say how to write it, and do not show the password.
func TestParseRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "begins with amqp://",
		"127.0.0.1:5672":               "begins with amqp://",
		"http://u:secret@h":            "begins with amqp://",
		"amqp://u:secret@":             "names no host",
		"amqp://u:secret@h:0":          "port 0",
		"amqp://u:secret@h:70000":      "port 70000",
		"amqp://u:secret%zz@h":         "escaped as %XX",
		"amqp://u:secret@h:5672/a/b/c": "",
	} {
		_, err := rabbitmq.Parse(text)
		if want == "" {
			continue // left to the broker
		}
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: error %v, want one with %q and without the password", text, err, want)
		}
	}
}

// A broker that is not there, or is none, or refuses the user: each error says so, without the
// password.
func TestConnectFails(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			_, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\n\r\n"))
			c.Close()
		}
	}()
	defer l.Close()
	expectFailure(t, "amqp://user:secret@127.0.0.1:1", "is RabbitMQ running there?")
	expectFailure(t, "amqp://user:secret@"+l.Addr().String(), l.Addr().String())
}

func TestRefusedByRabbitMQ(t *testing.T) {
	t.Parallel()
	at := strings.TrimPrefix(rabbitmqtest.New(t).URL(), "amqp://guest:guest@")
	expectFailure(t, "amqp://guest:secret@"+at, "check user, password")
	expectFailure(t, "amqp://guest:guest@"+at+"/secret", "check the path")
}

func expectFailure(t *testing.T, url, want string) {
	t.Helper()
	b, err := rabbitmq.Parse(url)
	if err != nil {
		t.Fatal(err)
	}
	c, err := b.Connect(context.Background())
	if err == nil {
		c.Close()
		t.Fatalf("%s: connected", b)
	}
	if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), ":secret") {
		t.Errorf("%s: error %q, want one with %q and without the password", b, err, want)
	}
}
