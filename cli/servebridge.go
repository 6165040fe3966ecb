package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"imcheck/harness/broker"
	"imcheck/harness/broker/rabbitmq"
	"imcheck/reference-server/bridge"
)

// bridgeFlags are the flags of serve for its bridge (docs/protocol.md §6).
type bridgeFlags struct {
	amqp             string // URL, "" for no bridge
	publish, consume string // queues
}

func (f *bridgeFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.amqp, "bridge-amqp", "", "`URL` of a RabbitMQ, such as amqp://user:password@127.0.0.1:5672: messages for users who are not here go to another server, and its messages come in (default: no bridge)")
	flags.StringVar(&f.publish, "bridge-publish", broker.FromServer, "`QUEUE` of --bridge-amqp to publish to")
	flags.StringVar(&f.consume, "bridge-consume", broker.ToServer, "`QUEUE` of --bridge-amqp to consume")
}

// config returns the bridge; nil without one.
func (f *bridgeFlags) config(given *pflag.FlagSet) (*bridge.Config, error) {
	if f.amqp == "" {
		for _, name := range []string{"bridge-publish", "bridge-consume"} {
			if given.Changed(name) {
				return nil, fmt.Errorf("--%s does nothing without --bridge-amqp", name)
			}
		}
		return nil, nil
	}
	at, err := rabbitmq.Parse(f.amqp)
	switch {
	case err != nil:
		return nil, fmt.Errorf("--bridge-amqp: %w", err)
	case f.publish == "" || f.consume == "":
		return nil, errors.New("--bridge-publish and --bridge-consume each name a queue")
	case f.publish == f.consume:
		return nil, fmt.Errorf("--bridge-publish and --bridge-consume both name %s: the server would consume what it has published", f.publish)
	}
	return &bridge.Config{Broker: at, PublishTo: f.publish, ConsumeFrom: f.consume}, nil
}
