package cli

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"imcheck/harness/accounts"
	"imcheck/harness/transport"
	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/faults"
	"imcheck/reference-server/reference"
	"imcheck/reference-server/variants"
)

// Where serve listens when no address is given: loopback, at the protocol's
// own ports (docs/protocol.md §2).
var defaultAddresses = [len(wire.Transports)]string{wire.UDP: "127.0.0.1:7901", wire.TCP: "127.0.0.1:8901", wire.WS: "127.0.0.1:3000"}

const defaultControl = "127.0.0.1:7900"

// bound is the line that serve prints: the addresses that it listens on.
type bound struct {
	UDP       string            `json:"udp,omitempty"`
	TCP       string            `json:"tcp,omitempty"`
	WS        string            `json:"ws,omitempty"`
	Control   string            `json:"control,omitempty"`
	Console   string            `json:"console,omitempty"` // the page's address, with its token where it has one
	SenseMode map[string]string `json:"senseMode"`
	// Seed is the value for --variant-seed to repeat the run; only with variants.
	Seed *uint64 `json:"variantSeed,omitempty"`
}

// serveFlags are the flags of serve.
type serveFlags struct {
	given            *pflag.FlagSet
	config           reference.Config
	modes            string
	largest          string
	certificate, key string
	users            string // file, "" for anybody
	bridge           bridgeFlags
	operation        operationFlags
	configFile       string // "" for none
	example          example
	faults, variants []string
	listFaults       bool
	listVariants     bool
}

func (f *serveFlags) register(flags *pflag.FlagSet) {
	f.given = flags
	f.config = reference.Config{Network: transport.OS{}, Limits: server.DefaultLimits, Version: version()}
	for _, t := range wire.Transports {
		flags.StringVar(&f.config.Addresses[t], t.String(), "", "host:port to listen on for "+t.String()+"; port 0 picks a free one")
	}
	flags.StringVar(&f.config.Control, "control", "", "host:port of the control API and of the console, a page to look at the server with")
	flags.StringVar(&f.modes, "sense-mode", "", "sense mode, such as 3S, or udp=3S,tcp=5S (default 15S, and 3S on UDP)")
	flags.StringVar(&f.largest, "largest-message", "", "largest message in bytes to take, such as tcp=61440,ws=65536 (default: that of a 6.x server)")
	flags.StringVar(&f.certificate, "tls-cert", "", "PEM certificate: TCP and WebSocket are served over TLS")
	flags.StringVar(&f.key, "tls-key", "", "PEM key of the certificate")
	flags.StringVar(&f.users, "users", "", "`FILE` with the users to let in, as load and conform take it; others are refused with code 1025 (default: anybody is let in)")
	f.bridge.register(flags)
	f.operation.register(flags)
	flags.BoolVar(&f.config.Stamp, "stamp", false, "put the server's timestamp into every message")
	flags.BoolVar(&f.config.AsObserved, "as-observed", false, "behave like the observed 6.x server also where safety or RFC 6455 asks for more (the SHOULD cases), with its delays")
	flags.IntVar(&f.config.Limits.Unlogged, "max-unlogged", f.config.Limits.Unlogged, "limit of TCP and WebSocket connections that have not logged in")
	flags.IntVar(&f.config.Limits.UnloggedPerSource, "max-unlogged-per-address", f.config.Limits.UnloggedPerSource, "limit of such connections from one IP address")
	flags.IntVar(&f.config.Limits.SessionsPerSource, "max-udp-sessions", f.config.Limits.SessionsPerSource, "limit of UDP sessions of one IP address")
	flags.IntVar(&f.config.Limits.PacketSessions, "max-udp-sessions-in-all", f.config.Limits.PacketSessions, "limit of UDP sessions of all addresses together")
	flags.IntVar(&f.config.Limits.ConnectionsPerSecond, "max-connections-per-second", 0, "limit of new TCP and WebSocket connections a second from one IP address; 0 for none")
	flags.IntVar(&f.config.Limits.LoginsPerSecond, "max-logins-per-second", 0, "limit of logins a second from one IP address; 0 for none")
	flags.IntVar(&f.config.MessagesPerSecond, "max-messages-per-second", 0, "handle at most so many messages of users a second; further ones wait, so that beyond it the server is later and later; 0 for no limit")
	flags.StringArrayVar(&f.faults, "fault", nil, "misbehave in one way (repeatable; --list-faults names them)")
	flags.BoolVar(&f.listFaults, "list-faults", false, "list the faults and exit")
	flags.StringArrayVar(&f.variants, "variant", nil, "use a freedom that the protocol leaves (repeatable; --list-variants names them)")
	flags.BoolVar(&f.listVariants, "list-variants", false, "list the variants and exit")
	flags.Uint64Var(&f.config.Seed, "variant-seed", 0, "seed for the random numbers of variants (default: a new one each time)")
	flags.StringVar(&f.configFile, "config", "", "YAML `FILE` with values for these flags, under their names; a flag wins over the environment, and that over the file")
	f.example = example{flag: "example-config", read: exampleConfig}
	f.example.register(flags, "print a configuration file with every key explained, and exit")
}

// execute runs the reference server until it is interrupted.
func (f *serveFlags) execute(ctx context.Context, a *app, args []string) int {
	flags := newFlags("serve")
	f.register(flags)
	if code, done := a.parse(flags, args, serveUsage, false); done {
		return code
	}
	if code, done := a.printExample(f.example, flags); done {
		return code
	}
	if f.configFile != "" {
		if err := readConfig(flags, f.configFile); err != nil {
			return a.misused(fmt.Errorf("serve: --config: %w", err))
		}
	}
	if f.listFaults {
		listFaults(a.out)
		return exitGood
	}
	if f.listVariants {
		listVariants(a.out)
		return exitGood
	}
	if err := f.complete(); err != nil {
		if f.configFile != "" {
			err = fmt.Errorf("%w (with the configuration %s)", err, f.configFile)
		}
		return a.misused(fmt.Errorf("serve: %w", err))
	}
	return f.serveLogged(ctx, a)
}

// checkListen refuses the value of a flag that is not an address to listen on; "" is none.
func checkListen(flag, address string) error {
	if _, _, err := net.SplitHostPort(address); err != nil && address != "" || strings.Contains(address, "/") {
		return fmt.Errorf("--%s: %q is not where a server can listen: write it as host:port, such as 127.0.0.1:0", flag, address)
	}
	return nil
}

// complete parses the texts of flags, and refuses what cannot be served.
func (f *serveFlags) complete() (err error) {
	c := &f.config
	for _, t := range wire.Transports {
		if err := checkListen(t.String(), c.Addresses[t]); err != nil {
			return err
		}
	}
	if err := checkListen("control", c.Control); err != nil {
		return err
	}
	if c.Addresses == [len(wire.Transports)]string{} {
		c.Addresses = defaultAddresses
		c.Control = cmp.Or(c.Control, defaultControl)
	}
	if c.Modes, err = senseModes(f.modes, f.served(), timing.DefaultModes()); err != nil {
		return err
	}
	if err := f.checkUsed(); err != nil {
		return err
	}
	if err := f.raiseLimits(); err != nil {
		return err
	}
	if c.TLS, err = f.tls(); err != nil {
		return err
	}
	if f.users != "" {
		list, err := accounts.ReadFile(f.users)
		if err != nil {
			return fmt.Errorf("--users: %w", err)
		}
		c.Users = list
	}
	if err := f.operation.complete(c); err != nil {
		return err
	}
	if c.Bridge, err = f.bridge.config(f.given); err != nil {
		return err
	}
	if c.Faults, err = faults.Find(f.faults); err != nil {
		return fmt.Errorf("--fault: %w", err)
	}
	if c.Variants, err = variants.Find(f.variants); err != nil {
		return err
	}
	if !f.given.Changed("variant-seed") {
		c.Seed = uint64(rand.Uint32())
	} else if len(c.Variants) == 0 {
		return errors.New("--variant-seed does nothing without --variant")
	}
	return nil
}

// served lists the transports that have an address.
func (f *serveFlags) served() (served []wire.Transport) {
	for _, t := range wire.Transports {
		if f.config.Addresses[t] != "" {
			served = append(served, t)
		}
	}
	return served
}

// checkUsed refuses flags of transports that are not served, and limits that let
// nobody in.
func (f *serveFlags) checkUsed() error {
	served := f.served()
	packets := slices.Contains(served, wire.UDP)
	streams := slices.Contains(served, wire.TCP) || slices.Contains(served, wire.WS)
	l := f.config.Limits
	limits := []struct {
		flag    string
		value   int
		serving bool
		on      string
	}{
		{"max-unlogged", l.Unlogged, streams, "TCP and WebSocket, which are"},
		{"max-unlogged-per-address", l.UnloggedPerSource, streams, "TCP and WebSocket, which are"},
		{"max-udp-sessions", l.SessionsPerSource, packets, "UDP, which is"},
		{"max-udp-sessions-in-all", l.PacketSessions, packets, "UDP, which is"},
	}
	for flag, value := range map[string]int{"max-connections-per-second": l.ConnectionsPerSecond, "max-logins-per-second": l.LoginsPerSecond, "max-messages-per-second": f.config.MessagesPerSecond} {
		if value < 0 {
			return fmt.Errorf("--%s has to be over 0, or 0 for no limit", flag)
		}
	}
	if f.given.Changed("max-connections-per-second") && !streams {
		return errors.New("--max-connections-per-second is for TCP and WebSocket, which are not served")
	}
	for _, limit := range limits {
		switch {
		case limit.value < 1:
			return fmt.Errorf("--%s has to be over 0", limit.flag)
		case f.given.Changed(limit.flag) && !limit.serving:
			return fmt.Errorf("--%s is for %s not served", limit.flag, limit.on)
		}
	}
	if f.certificate != "" && !streams {
		return errors.New("--tls-cert is for TCP and WebSocket, which are not served")
	}
	return nil
}

// raiseLimits sets the largest messages that --largest-message names.
func (f *serveFlags) raiseLimits() error {
	largest, err := largestMessages(f.largest, f.served())
	if err != nil {
		return err
	}
	for kind, size := range largest {
		f.config.Limits.MaxMessage[kind] = cmp.Or(size, f.config.Limits.MaxMessage[kind])
	}
	return nil
}

// tls reads the certificate; nil without one.
func (f *serveFlags) tls() (*tls.Config, error) {
	if (f.certificate == "") != (f.key == "") {
		return nil, errors.New("--tls-cert and --tls-key go together")
	}
	if f.certificate == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(f.certificate, f.key)
	if err != nil {
		return nil, fmt.Errorf("reading --tls-cert and --tls-key: %w: give PEM files, and the key that the certificate was made for", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}}, nil
}

func (a *app) serveUntilDone(ctx context.Context, config reference.Config) int {
	s, err := reference.Start(config)
	if err != nil {
		return a.failed(fmt.Errorf("serve: %w%s", err, listenAdvice(err)))
	}
	defer s.Close()
	info := s.Info()
	var seed *uint64
	if len(config.Variants) > 0 {
		seed = &config.Seed
	}
	line, err := json.Marshal(bound{
		s.Address(wire.UDP), s.Address(wire.TCP), s.Address(wire.WS), s.ControlAddress(), s.ConsoleURL(), info.SenseMode, seed,
	})
	if err != nil {
		return a.failed(err)
	}
	a.warnOfExposure([]listening{
		{wire.UDP.String(), s.Address(wire.UDP)}, {wire.TCP.String(), s.Address(wire.TCP)},
		{wire.WS.String(), s.Address(wire.WS)}, {"control", s.ControlAddress()},
	}, config.Users != nil, config.Profile)
	fmt.Fprintf(a.out, "%s\n", line)
	if err := s.Wait(ctx); err != nil {
		return a.failed(fmt.Errorf("serve: %w", err))
	}
	config.Log.Info("stopping", "within", reference.StopTime.String())
	s.Shutdown(context.Background()) // a second signal ends the process
	config.Log.Info("stopped")
	return exitGood
}
