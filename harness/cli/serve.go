package cli

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"text/tabwriter"

	"imcheck/harness/timing"
	"imcheck/harness/transport"
	"imcheck/harness/wire"
	"imcheck/reference-server/rules"
	"imcheck/reference-server/server"
)

// Where serve listens when no address is given: loopback, at the protocol's
// own ports (docs/protocol.md §2).
var defaultAddresses = [len(wire.Transports)]string{wire.UDP: "127.0.0.1:7901", wire.TCP: "127.0.0.1:8901", wire.WS: "127.0.0.1:3000"}

const defaultControl = "127.0.0.1:7900"

// bound is the line that serve prints: what it listens on.
type bound struct {
	UDP       string            `json:"udp,omitempty"`
	TCP       string            `json:"tcp,omitempty"`
	WS        string            `json:"ws,omitempty"`
	Control   string            `json:"control,omitempty"`
	SenseMode map[string]string `json:"senseMode"`
	// Seed is what --variant-seed repeats; only with variants.
	Seed *uint64 `json:"variantSeed,omitempty"`
}

// serve runs the reference server until it is interrupted.
func serve(ctx context.Context, a *app, args []string) int {
	flags := newFlags("serve")
	config := server.Config{Network: transport.OS{}, Limits: rules.DefaultLimits, Version: version()}
	for _, t := range wire.Transports {
		flags.StringVar(&config.Addresses[t], t.String(), "", "host:port to listen on for "+t.String()+"; port 0 picks a free one")
	}
	flags.StringVar(&config.Control, "control", "", "host:port of the control API")
	modes := flags.String("sense-mode", "", "such as 3S, or udp=3S,tcp=5S (default 15S, and 3S on UDP)")
	certificate := flags.String("tls-cert", "", "PEM certificate: TCP and WebSocket are served over TLS")
	key := flags.String("tls-key", "", "PEM key of the certificate")
	flags.BoolVar(&config.Stamp, "stamp", false, "put the server's clock into every message")
	flags.BoolVar(&config.AsObserved, "as-observed", false, "be like the observed 6.x server also where safety or RFC 6455 asks for more (the SHOULD cases), and as late")
	flags.IntVar(&config.Limits.Unlogged, "max-unlogged", config.Limits.Unlogged, "most TCP and WebSocket connections that have not logged in")
	flags.IntVar(&config.Limits.SessionsPerSource, "max-udp-sessions", config.Limits.SessionsPerSource, "most UDP sessions of one IP address")
	faults := flags.StringArray("fault", nil, "misbehave in one way (repeatable; --list-faults names them)")
	list := flags.Bool("list-faults", false, "list the faults and exit")
	variants := flags.StringArray("variant", nil, "use a freedom that the protocol leaves (repeatable; --list-variants names them)")
	listVariants := flags.Bool("list-variants", false, "list the variants and exit")
	flags.Uint64Var(&config.Seed, "variant-seed", 0, "draw the random numbers of variants from this seed (default: another one each time)")
	if code, done := a.parse(flags, args, "serve [flags]   (without an address: all transports at their default ports on loopback)", false); done {
		return code
	}
	if *list {
		return a.listFaults()
	}
	if *listVariants {
		return a.listVariants()
	}
	err := completeServe(&config, *modes, *certificate, *key, *faults)
	if err == nil {
		config.Variants, err = server.FindVariants(*variants)
	}
	if err == nil && flags.Changed("variant-seed") && len(*variants) == 0 {
		err = errors.New("--variant-seed does nothing without --variant")
	}
	if err != nil {
		return a.misused(fmt.Errorf("serve: %w", err))
	}
	if !flags.Changed("variant-seed") {
		config.Seed = uint64(rand.Uint32())
	}
	return a.serveUntilDone(ctx, config)
}

// completeServe fills in what the flags say in words.
func completeServe(config *server.Config, modes, certificate, key string, faults []string) (err error) {
	config.Modes = timing.DefaultModes()
	if modes != "" {
		if config.Modes, err = timing.ParseModes(modes); err != nil {
			return fmt.Errorf("--sense-mode: %w", err)
		}
	}
	for _, address := range append(config.Addresses[:], config.Control) {
		if _, _, err := net.SplitHostPort(address); err != nil && address != "" {
			return fmt.Errorf("%w: write it as host:port, such as 127.0.0.1:0", err)
		}
	}
	if config.Limits.Unlogged < 1 || config.Limits.SessionsPerSource < 1 {
		return fmt.Errorf("--max-unlogged and --max-udp-sessions have to be over 0")
	}
	if (certificate == "") != (key == "") {
		return fmt.Errorf("--tls-cert and --tls-key go together")
	}
	if certificate != "" {
		pair, err := tls.LoadX509KeyPair(certificate, key)
		if err != nil {
			return fmt.Errorf("reading --tls-cert and --tls-key: %w", err)
		}
		config.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	}
	if config.Addresses == [len(wire.Transports)]string{} {
		config.Addresses = defaultAddresses
		if config.Control == "" {
			config.Control = defaultControl
		}
	}
	config.Faults, err = server.FindFaults(faults)
	return err
}

func (a *app) serveUntilDone(ctx context.Context, config server.Config) int {
	s, err := server.Start(config)
	if err != nil {
		return a.failed(fmt.Errorf("serve: %w", err))
	}
	defer s.Close()
	info := s.Info()
	var seed *uint64
	if len(config.Variants) > 0 {
		seed = &config.Seed
	}
	line, err := json.Marshal(bound{
		s.Address(wire.UDP), s.Address(wire.TCP), s.Address(wire.WS), s.ControlAddress(), info.SenseMode, seed,
	})
	if err != nil {
		return a.failed(err)
	}
	fmt.Fprintf(a.out, "%s\n", line)
	if err := s.Wait(ctx); err != nil {
		return a.failed(fmt.Errorf("serve: %w", err))
	}
	return exitGood
}

func (a *app) listFaults() int {
	table := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, fault := range server.Faults() {
		fmt.Fprintf(table, "%s\t%s\n", fault.Name, fault.Rule)
	}
	table.Flush()
	return exitGood
}

func (a *app) listVariants() int {
	table := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, v := range server.Variants() {
		fmt.Fprintf(table, "%s\t%s\t%s\n", v.Name, v.Freedom, v.Does)
	}
	table.Flush()
	return exitGood
}
