// Package rabbitmq connects to RabbitMQ, or another broker that speaks AMQP 0-9-1.
package rabbitmq

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"

	amqp "github.com/rabbitmq/amqp091-go"

	"imcheck/harness/broker"
)

// Times of a connection.
const (
	connectTimeout = 3 * time.Second
	heartbeat      = 10 * time.Second
	closeTimeout   = 2 * time.Second
)

// Broker is a broker at a URL. Make one with Parse.
type Broker struct{ uri amqp.URI }

// Parse reads the URL of a broker, such as amqp://user:password@127.0.0.1:5672/vhost. No error
// quotes the URL, which may have a password in it.
func Parse(text string) (Broker, error) {
	if scheme, _, ok := strings.Cut(text, "://"); !ok || scheme != "amqp" && scheme != "amqps" {
		return Broker{}, errors.New("the URL of a broker begins with amqp:// or amqps://, such as amqp://guest:guest@127.0.0.1:5672")
	}
	parsed, err := url.Parse(text)
	if err != nil {
		return Broker{}, errors.New("not a URL: write it as amqp://USER:PASSWORD@HOST:PORT/VHOST, with special characters of the user and the password escaped as %XX")
	}
	if parsed.Hostname() == "" {
		return Broker{}, errors.New("the URL of a broker names no host: write it as amqp://USER:PASSWORD@HOST:PORT/VHOST")
	}
	if port := parsed.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return Broker{}, fmt.Errorf("the URL of a broker has port %s, which is not from 1 to 65535", port)
		}
	}
	uri, err := amqp.ParseURI(text)
	if err != nil {
		return Broker{}, errors.New("not the URL of a broker: write it as amqp://USER:PASSWORD@HOST:PORT/VHOST")
	}
	return Broker{uri}, nil
}

// String returns the URL without user, password and parameters.
func (b Broker) String() string {
	shown := b.uri.Scheme + "://" + net.JoinHostPort(b.uri.Host, strconv.Itoa(b.uri.Port))
	if b.uri.Vhost != "/" {
		shown += "/" + url.PathEscape(b.uri.Vhost)
	}
	return shown
}

// Connect makes a connection within a few seconds.
func (b Broker) Connect(ctx context.Context) (broker.Connection, error) {
	config := amqp.Config{
		SASL: []amqp.Authentication{b.uri.PlainAuth()}, Vhost: b.uri.Vhost, Heartbeat: heartbeat, Locale: "en_US",
		Dial: func(network, address string) (net.Conn, error) { return dial(ctx, network, address) },
	}
	address := b.uri // without the credentials, which an error might quote
	address.Username, address.Password = "", ""
	c, err := amqp.DialConfig(address.String(), config)
	if err != nil {
		return nil, fmt.Errorf("connecting to the broker at %s: %w", b, explain(err))
	}
	connection, err := newConnection(c)
	if err != nil {
		c.Close()
		return nil, fmt.Errorf("opening a channel at the broker at %s: %w", b, explain(err))
	}
	return connection, nil
}

// dial connects within connectTimeout, the handshake of AMQP included; amqp takes the deadline
// back after that.
func dial(ctx context.Context, network, address string) (net.Conn, error) {
	deadline := time.Now().Add(connectTimeout)
	c, err := (&net.Dialer{Deadline: deadline}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if err := c.SetDeadline(deadline); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// explain says what to do about an error of a broker.
func explain(err error) error {
	var ours *amqp.Error
	var theirs *net.OpError
	switch {
	case errors.As(err, &ours) && ours.Code == amqp.AccessRefused:
		return fmt.Errorf("it refuses the user: check user, password and permissions: %w", err)
	case errors.As(err, &ours) && ours.Code == amqp.NotAllowed:
		return fmt.Errorf("it refuses the virtual host: check the path of the URL: %w", err)
	case errors.As(err, &ours) && ours.Code == amqp.PreconditionFailed:
		return fmt.Errorf("the queue is there with other properties: it has to be durable; delete it or name another: %w", err)
	case errors.As(err, &theirs) && theirs.Op == "dial":
		return fmt.Errorf("is RabbitMQ running there? %w", err)
	}
	return err
}
