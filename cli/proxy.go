package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"imcheck/harness/relay"
	"imcheck/harness/transport"
	"imcheck/harness/transport/impair"
	"imcheck/protocol/wire"
)

const proxyUsage = `Usage: imcheck proxy [flags]

Relays UDP, TCP and WebSocket between clients and a server, and does to what passes
what a bad network does. Name the server with --udp, --tcp or --ws, and let the
clients connect to the address that is listened on.

  imcheck proxy --udp 127.0.0.1:7901 --listen-udp 127.0.0.1:17901 --impair 'drop=3%'
  imcheck proxy --tcp im.example:8901 --at '10s=stall 5s' --at '60s=half-open'

What it does is logged, one JSON object a line, on one clock; the first lines say
where it listens. Lines on stdin are actions too:

  rebind       clients on UDP reach the server from another port, as behind a NAT
  half-open    TCP and WebSocket connections that are open carry nothing more
  reset        these connections are reset at both ends
  stall TIME   nothing passes for the time; nothing is lost
  outage TIME  the network is gone: datagrams are lost, streams wait, no FIN
  impair SPEC  the impairment is another one from now on; none ends it
`

// proxyFlags are the flags of proxy.
type proxyFlags struct {
	targets, listen [len(wire.Transports)]string
	relay           relayFlags
	duration        time.Duration
	log             string // file, "" for stdout
}

func (f *proxyFlags) register(flags *pflag.FlagSet) {
	for _, t := range wire.Transports {
		flags.StringVar(&f.targets[t], t.String(), "", "host:port of the server's "+t.String())
		flags.StringVar(&f.listen[t], "listen-"+t.String(), "127.0.0.1:0", "`host:port` to take clients for it at; port 0 picks a free one")
	}
	f.relay.register(flags)
	flags.DurationVar(&f.duration, "duration", 0, "time after which it ends (0: when it is interrupted)")
	flags.StringVar(&f.log, "log", "", "`FILE` for the log (default: stdout)")
}

// check refuses what cannot be relayed.
func (f *proxyFlags) check(given *pflag.FlagSet) error {
	if f.targets == [len(wire.Transports)]string{} {
		return errors.New("name the server with --udp, --tcp or --ws")
	}
	for _, t := range wire.Transports {
		listen := "listen-" + t.String()
		if f.targets[t] == "" {
			if given.Changed(listen) {
				return fmt.Errorf("--%s does nothing without --%s, the server's address", listen, t)
			}
			continue
		}
		for flag, address := range map[string]string{t.String(): f.targets[t], listen: f.listen[t]} {
			if _, port, err := net.SplitHostPort(address); err != nil {
				return fmt.Errorf("--%s: %w: write it as host:port", flag, err)
			} else if flag == t.String() && port == "0" {
				return fmt.Errorf("--%s %s: port 0 is no server's", flag, address)
			}
		}
	}
	if f.duration < 0 {
		return fmt.Errorf("--duration %v: it cannot be below 0", f.duration)
	}
	return prepareFile("--log", f.log, "")
}

// execute relays until the time is over or it is interrupted.
func (f *proxyFlags) execute(ctx context.Context, a *app, args []string) int {
	flags := newFlags("proxy")
	f.register(flags)
	if code, done := a.parse(flags, args, proxyUsage, false); done {
		return code
	}
	policy, plan, notes, err := f.relay.plan()
	if err == nil {
		err = f.check(flags)
	}
	if err != nil {
		return a.misused(fmt.Errorf("proxy: %w", err))
	}
	for _, note := range notes {
		a.complain("note: %s", note)
	}
	if f.duration > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, f.duration)
		defer cancel()
	}
	if err := a.relayUntilDone(ctx, f, policy, plan); err != nil {
		return a.failed(fmt.Errorf("proxy: %w", err))
	}
	return exitGood
}

// relayUntilDone relays until ctx ends. The error says what could not be bound or written.
func (a *app) relayUntilDone(ctx context.Context, f *proxyFlags, policy impair.Policy, plan []relay.Timed) (err error) {
	to := a.out
	if f.log != "" {
		file, err := os.Create(f.log)
		if err != nil {
			return fmt.Errorf("--log: %w", err)
		}
		defer file.Close()
		to = file
	}
	lines := &entryWriter{to: json.NewEncoder(to)}
	r := relay.New(relay.Config{Network: transport.OS{}, Policy: policy, Log: lines.write})
	defer func() {
		r.Close()
		if err == nil && lines.failed != nil {
			err = fmt.Errorf("writing the log: %w", lines.failed)
		}
	}()
	var bound []listening
	for _, t := range wire.Transports {
		if f.targets[t] == "" {
			continue
		}
		address, err := r.Listen(t, f.listen[t], f.targets[t])
		if err != nil {
			return err
		}
		bound = append(bound, listening{t.String(), address.String()})
	}
	a.warnOfOpenRelay(bound)
	go obey(r, a.in)
	r.Run(ctx, plan)
	<-ctx.Done()
	return nil
}

// warnOfOpenRelay names on stderr the addresses that other machines can reach.
func (a *app) warnOfOpenRelay(bound []listening) {
	for _, l := range bound {
		if !isLoopback(l.address) {
			a.complain("warning: proxy listens beyond loopback (%s on %s): whoever can reach it can reach the server through it", l.name, l.address)
		}
	}
}

// entryWriter writes entries of a log as lines of JSON, until that fails. A relay logs one
// entry at a time.
type entryWriter struct {
	to     *json.Encoder
	failed error
}

func (w *entryWriter) write(e relay.Entry) {
	if w.failed == nil {
		w.failed = w.to.Encode(e)
	}
}

// obey does the actions that lines name. Any other line is refused in the log.
func obey(r *relay.Relay, lines io.Reader) {
	for scanner := bufio.NewScanner(lines); scanner.Scan(); {
		text := strings.TrimSpace(scanner.Text())
		if text == "" {
			continue
		}
		action, err := relay.ParseAction(text)
		if err == nil {
			err = r.Do(action)
		}
		if err != nil {
			r.Refuse(text, err)
		}
	}
}
