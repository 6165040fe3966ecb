package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/spf13/pflag"

	"imcheck/conformance/talk"
	"imcheck/harness/driver"
	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
	"imcheck/reports"
	"imcheck/reports/words"
)

const talkUsage = `Usage: imcheck talk --exec COMMAND [--exec COMMAND2] [flags]

Lets clients under test talk to each other through a server, with a relay in between
that makes the path bad, and keeps a ledger of every message: it balances when each
was shown once or was reported lost, and none was shown twice. --exec starts a client
by the driver contract (docs/contracts.md, part B). Without an address they talk
through a reference server of its own.

  imcheck talk --exec 'imcheck drive' --impair 'drop=3%' --duration 1m
  imcheck talk --exec ./client-a --exec ./client-b --tcp 127.0.0.1:8901 --control 127.0.0.1:7900

What the server gave up on the way to a receiver counts as told only if its control
API says so; without --control it is missing.
`

// talkFlags are the flags of talk.
type talkFlags struct {
	commands  []string
	clients   int
	addresses [len(wire.Transports)]string
	control   string
	transport string
	mode      string
	relay     relayFlags
	rate      float64
	duration  time.Duration
	out       string
	json      bool
}

func (f *talkFlags) register(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.commands, "exec", nil, "`COMMAND` that starts a client under test (repeatable: clients take turns with them)")
	flags.IntVar(&f.clients, "clients", 2, "clients, each of which sends to all others in turn")
	for _, t := range wire.Transports {
		flags.StringVar(&f.addresses[t], t.String(), "", "host:port of the server's "+t.String()+" to talk through")
	}
	flags.StringVar(&f.control, "control", "", "host:port of the server's control API, which tells what it lost")
	flags.StringVar(&f.transport, "transport", "udp", "without an address: `TRANSPORT` to talk on")
	flags.StringVar(&f.mode, "sense-mode", "3S", "sense mode of clients and server")
	f.relay.register(flags)
	flags.Float64Var(&f.rate, "rate", 1, "messages a second of each client")
	flags.DurationVar(&f.duration, "duration", time.Minute, "time of sending; the fates of the last messages are waited for up to 45 s more")
	flags.StringVar(&f.out, "out", "", "folder for talk.json, relay.jsonl, junit.xml and ctrf.json")
	flags.BoolVar(&f.json, "json", false, "print the report as JSON on stdout, the summary on stderr")
}

// Bounds of a talk. A client may write 20,000 lines (docs/contracts.md, part B): for each
// message two by its sender, and one by its receiver.
const (
	maxTalkers     = 64
	maxTalkedLines = 18_000
)

// execute lets clients talk.
func (f *talkFlags) execute(ctx context.Context, a *app, args []string) int {
	flags := newFlags("talk")
	f.register(flags)
	if code, done := a.parse(flags, args, talkUsage, false); done {
		if code == exitUsage {
			a.clearMisused(args, reports.KindTalk)
		}
		return code
	}
	o, notes, err := f.options(flags)
	if err == nil {
		err = clearOut(f.out, reports.KindTalk)
	}
	if err != nil {
		return a.misused(fmt.Errorf("talk: %w", err))
	}
	bar := newProgress(a.err)
	if o.Transport != wire.UDP { // they are about what does not apply to streams
		bar.notes(notes)
	}
	t, stop, err := f.server(&o)
	if err != nil {
		return a.failed(fmt.Errorf("talk: %w", err))
	}
	defer stop()
	return a.talk(ctx, f, o, t, bar)
}

// options are those of the talk, without the server. An error is the user's.
func (f *talkFlags) options(given *pflag.FlagSet) (o talk.Options, notes []string, err error) {
	o = talk.Options{Network: transport.OS{}, Rate: f.rate, Duration: f.duration}
	if err := f.check(); err != nil {
		return o, nil, err
	}
	if o.Transport, err = f.kind(given); err != nil {
		return o, nil, err
	}
	if o.Mode, err = timing.Parse(f.mode); err != nil {
		return o, nil, fmt.Errorf("--sense-mode %q: %w", f.mode, err)
	}
	if !o.Mode.On(o.Transport) {
		return o, nil, fmt.Errorf("--sense-mode %s does not exist on %s", f.mode, o.Transport)
	}
	if o.Policy, o.Plan, notes, err = f.relay.plan(); err != nil {
		return o, nil, err
	}
	var commands []*driver.Command
	for _, text := range f.commands {
		c, err := driver.NewCommand(text)
		if err != nil {
			return o, nil, fmt.Errorf("--exec: %w", err)
		}
		commands = append(commands, c)
	}
	for i := range f.clients {
		o.Launchers = append(o.Launchers, commands[i%len(commands)])
	}
	return o, notes, nil
}

// check refuses what cannot be talked.
func (f *talkFlags) check() error {
	switch {
	case len(f.commands) == 0:
		return errors.New("say with --exec how to start the clients, such as --exec 'imcheck drive'")
	case f.clients < 2 || f.clients > maxTalkers:
		return fmt.Errorf("--clients %d: it has to be from 2 to %d", f.clients, maxTalkers)
	case len(f.commands) > f.clients:
		return fmt.Errorf("--exec is given %d times, for %d clients: raise --clients", len(f.commands), f.clients)
	case !(f.rate > 0):
		return fmt.Errorf("--rate %v: it has to be over 0", f.rate)
	case f.duration <= 0:
		return fmt.Errorf("--duration %v: it has to be over 0", f.duration)
	}
	if lines := 3 * f.rate * f.duration.Seconds(); lines > maxTalkedLines {
		return fmt.Errorf("--rate %v for --duration %v: a client would write some %.0f lines, and the driver contract allows 20,000: lower one of them", f.rate, f.duration, lines)
	}
	return nil
}

// kind returns the transport to talk on: the one that has an address.
func (f *talkFlags) kind(given *pflag.FlagSet) (kind wire.Transport, err error) {
	named := 0
	for _, t := range wire.Transports {
		if f.addresses[t] == "" {
			continue
		}
		if named++; named > 1 {
			return 0, errors.New("--udp, --tcp and --ws exclude each other: a talk is on one transport")
		}
		kind = t
	}
	if named == 0 {
		if f.control != "" {
			return 0, errors.New("--control is that of a server: name its --udp, --tcp or --ws too")
		}
		if kind, err = wire.ParseTransport(f.transport); err != nil {
			return 0, fmt.Errorf("--transport: %w", err)
		}
		return kind, nil
	}
	if given.Changed("transport") {
		return 0, fmt.Errorf("--transport does nothing beside --%s", kind)
	}
	for flag, address := range map[string]string{kind.String(): f.addresses[kind], "control": f.control} {
		if _, _, err := net.SplitHostPort(address); err != nil && address != "" {
			return 0, fmt.Errorf("--%s: %w: write it as host:port", flag, err)
		}
	}
	return kind, nil
}

// server fills in the server to talk through, which it starts when none is named.
func (f *talkFlags) server(o *talk.Options) (t *target.Target, stop func(), err error) {
	t = &target.Target{Control: f.control}
	stop = func() {}
	o.Server = f.addresses[o.Transport]
	if o.Server == "" {
		config := reference.Config{Network: o.Network, Limits: server.DefaultLimits, Version: version(), Control: "127.0.0.1:0"}
		config.Addresses[o.Transport], config.Modes[o.Transport] = "127.0.0.1:0", o.Mode
		s, err := reference.Start(config)
		if err != nil {
			return nil, nil, err
		}
		o.Server, t.Control, stop = s.Address(o.Transport), s.ControlAddress(), s.Close
	}
	if t.Control == "" {
		return t, stop, nil
	}
	o.Control = target.NewControl(o.Network, t.Control)
	if t.Info, err = o.Control.Info(context.Background()); err != nil {
		o.Control.Close()
		stop()
		return nil, nil, fmt.Errorf("--control %s: %w", t.Control, err)
	}
	closing := stop
	return t, func() { o.Control.Close(); closing() }, nil
}

// talk lets the clients talk, and reports in every way that was asked for.
func (a *app) talk(ctx context.Context, f *talkFlags, o talk.Options, t *target.Target, bar *progress) int {
	started := time.Now()
	bar.note("%d clients talk on %s through %s for %v, seed %d", len(o.Launchers), o.Transport, o.Server, o.Duration, o.Policy.Seed)
	o.Progress = func(p talk.Progress) {
		bar.show("%s sent, %d shown and acknowledged, %d under way, %.0f s", words.Counted(int64(p.Sum.Sent), "message", "messages"), p.Sum.Delivered, p.Open, p.Elapsed.Seconds())
	}
	log, err := openRelayLog(f.out)
	if err != nil {
		return a.failed(fmt.Errorf("talk: --out: %w", err))
	}
	o.Log = log.write
	outcome, err := talk.Run(ctx, o)
	bar.done()
	report := f.report(a, o, t, outcome, started, err)
	if err := a.deliverTalk(f, report, log, bar); err != nil {
		return a.failed(err)
	}
	return report.ExitCode
}
