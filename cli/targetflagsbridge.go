package cli

import (
	"fmt"

	"github.com/spf13/pflag"

	"imcheck/harness/broker"
	"imcheck/harness/broker/rabbitmq"
	"imcheck/harness/target"
	"imcheck/protocol/controlapi"
	"imcheck/reference-server/bridge"
)

// registerBridge adds the flag of a verb that tests the bridge of a server.
func (f *targetFlags) registerBridge(flags *pflag.FlagSet) {
	flags.StringVar(&f.bridge, "bridge-amqp", "", "`URL` of the RabbitMQ of the server's bridge: the cases of the bridge are run, with its queues q_app2web and q_web2app (default: that of its profile)")
}

// overrideBridge puts the broker of --bridge-amqp into a target, which has a bridge then.
func (f *targetFlags) overrideBridge(t *target.Target) error {
	if f.bridge == "" {
		return nil
	}
	b, err := rabbitmq.Parse(f.bridge)
	if err != nil {
		return fmt.Errorf("--bridge-amqp: %w", err)
	}
	t.Bridge = b
	t.Info.Capabilities = t.Info.Capabilities.With(controlapi.CapabilityBridge)
	return nil
}

// embeddedBridge is the bridge of a reference server that is started without a target; nil for
// none.
func (f *targetFlags) embeddedBridge() (*bridge.Config, error) {
	t := &target.Target{}
	if err := f.overrideBridge(t); err != nil || t.Bridge == nil {
		return nil, err
	}
	return &bridge.Config{Broker: t.Bridge, PublishTo: broker.FromServer, ConsumeFrom: broker.ToServer}, nil
}
