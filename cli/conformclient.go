package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/pflag"

	"imcheck/conformance/client"
	"imcheck/conformance/clientcases"
	"imcheck/conformance/suite"
	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reports"
)

// Values of --role.
const (
	roleServer = "server"
	roleClient = "client"
)

// roleFlags say which end of the protocol is checked.
type roleFlags struct {
	role    string
	command string // of the driver of a client, "" for none
	listen  string // address that a client comes to over HTTP, "" for none
}

func (f *roleFlags) register(flags *pflag.FlagSet) {
	flags.StringVar(&f.role, "role", roleServer, "end of the protocol to check: server or client")
	flags.StringVar(&f.command, "exec", "", "with --role client: `COMMAND` that starts the client under test, which reads commands from stdin and writes events to stdout (docs/contracts.md, part B)")
	flags.StringVar(&f.listen, "listen-http", "", "with --role client: listen for clients that come over HTTP, such as a page in a browser, on `ADDR`, which they can reach; a port alone, such as :0, is one of 127.0.0.1")
}

// notOfClients are the flags that mean nothing for a client.
var notOfClients = []string{
	"profile", "udp", "tcp", "ws", "control", "largest-message", "users", "tls", "tls-ca", "tls-server-name", "tls-cert", "tls-key", "tls-insecure",
	"ws-header", "ws-subprotocol", "ws-compression", "sense-modes", "ui", "replay",
	"under-load", "load-rates", "load-clients", "load-transport",
}

// check refuses flags that do not go together. An error is the user's.
func (f *roleFlags) check(given *pflag.FlagSet, list bool) error {
	switch f.role {
	case roleServer:
		if f.command != "" {
			return errors.New("--exec starts a client: add --role client")
		}
		if f.listen != "" {
			return errors.New("--listen-http is for clients: add --role client")
		}
		return nil
	case roleClient:
	default:
		return fmt.Errorf("--role %q: use server or client", f.role)
	}
	for _, name := range notOfClients {
		if given.Changed(name) {
			return fmt.Errorf("--%s is about a server: leave it out with --role client", name)
		}
	}
	switch {
	case f.command != "" && f.listen != "":
		return errors.New("--exec starts the client, and with --listen-http it comes by itself: leave one of them out")
	case f.command == "" && f.listen == "" && !list:
		return errors.New("--role client: say with --exec how to start the client, such as --exec 'imcheck drive', or with --listen-http where it comes to")
	}
	return nil
}

// arguments returns the flags for a command to copy.
func (f *roleFlags) arguments() []string {
	if f.role == roleServer {
		return nil
	}
	if f.listen != "" {
		return []string{"--role", f.role, "--listen-http", f.listen}
	}
	return []string{"--role", f.role, "--exec", f.command}
}

// end returns the end that is checked.
func (f *roleFlags) end() suite.End {
	if f.role == roleClient {
		return suite.Clients
	}
	return suite.Servers
}

// checkRole checks a client if it is one that is to be checked; done is false for a server.
func (a *app) checkRole(ctx context.Context, f *conformFlags, given *pflag.FlagSet) (code int, done bool) {
	if err := f.role.check(given, f.list); err != nil {
		return a.misused(fmt.Errorf("conform: %w", err)), true
	}
	if f.role.role != roleClient {
		return exitGood, false
	}
	return a.conformClient(ctx, f), true
}

// conformClient checks a client.
func (a *app) conformClient(ctx context.Context, f *conformFlags) int {
	f.catalogue = clientcases.All()
	if err := cmp.Or(f.check(f.catalogue), f.chooseVersion(), f.impairPath()); err != nil {
		return a.misused(fmt.Errorf("conform: %w", err))
	}
	if f.list {
		return a.listCases(f.catalogue, f, wire.Transports[:])
	}
	var err error
	if f.target.tolerance <= 0 {
		err = fmt.Errorf("--tolerance %v: it has to be over 0", f.target.tolerance)
	}
	t := &client.Target{Network: transport.OS{}, Path: f.path, Tolerance: f.target.tolerance}
	stop := func() {}
	if err == nil {
		stop, err = f.role.reach(a, t)
	}
	defer stop()
	if err == nil {
		err = clearOut(f.out, reports.KindConformance)
	}
	if err != nil {
		return a.misused(fmt.Errorf("conform: %w", err))
	}
	started := time.Now()
	if err := t.Discover(ctx); err != nil {
		if ctx.Err() != nil {
			err = &suite.InterruptedError{Err: context.Cause(ctx)}
		}
		return a.deliver(f, f.reportOf(clientHeader(a, t), nil, nil, started, err), nil, newProgress(a.err))
	}
	selected, skipped, err := f.selectForClient(t)
	if err != nil {
		return a.misused(fmt.Errorf("conform: %w", err))
	}
	return a.checkClient(ctx, f, t, selected, skipped, started)
}

// selectForClient chooses the sense modes and the cases. An error is the user's.
func (f *conformFlags) selectForClient(t *client.Target) (selected []suite.Item, skipped []suite.Skipped, err error) {
	modes, err := senseModes(f.target.modes, t.Info.Transports, timing.Modes{})
	if err == nil {
		err = t.Choose(modes)
	}
	if err != nil {
		return nil, nil, err
	}
	selected, skipped, err = f.selectCases(f.catalogue, t.Transports())
	if err == nil && len(selected) == 0 {
		err = noneSelected(skipped, "client")
	}
	return selected, skipped, err
}

// checkClient runs the items and reports the outcome in every way that was asked for.
func (a *app) checkClient(ctx context.Context, f *conformFlags, t *client.Target, selected []suite.Item, skipped []suite.Skipped, started time.Time) int {
	bar := newProgress(a.err)
	bar.note("%s on %s %s, seed %d", casesInRounds(len(selected), f.repeat), t.Info.Name, t.Info.Version, f.seed)
	f.noteImpairment(bar)
	shown := caseProgress{bar: bar, of: len(selected) * f.repeat, started: time.Now(), expected: f.expected}
	stop := shown.everySecond()
	atOnce := f.parallel
	if atOnce == 0 {
		atOnce = f.role.atOnce()
	}
	finished, err := client.Repeat(ctx, t, selected, f.repeat, suite.Options{Seed: f.seed, Parallel: atOnce, Strict: f.strict, Finished: shown.add})
	stop()
	bar.done()
	return a.deliver(f, f.reportOf(clientHeader(a, t), finished, skipped, started, err), finished, bar)
}

// clientHeader returns the beginning of a report about a client.
func clientHeader(a *app, t *client.Target) reports.Header {
	h := header(a, reports.KindConformance, &target.Target{})
	h.Target.Name, h.Target.Version = t.Info.Name, t.Info.Version
	for _, kind := range t.Transports() {
		h.Target.SenseModes[kind.String()] = t.Modes[kind].String()
	}
	return h
}
