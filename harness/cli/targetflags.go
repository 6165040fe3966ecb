package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/pflag"

	"imcheck/harness/target"
	"imcheck/harness/timing"
	"imcheck/harness/transport"
	"imcheck/harness/wire"
	"imcheck/reference-server/rules"
	"imcheck/reference-server/server"
)

// discoverWait bounds each question to a target at the start: with three tries
// on UDP, a target where nothing listens is known within 10 s.
const discoverWait = 2 * time.Second

// targetFlags say which server is under test.
type targetFlags struct {
	addresses [len(wire.Transports)]string
	control   string
	modes     string
	tolerance time.Duration
	tls       bool
	tlsCA     string
}

func (f *targetFlags) register(flags *pflag.FlagSet) {
	for _, t := range wire.Transports {
		flags.StringVar(&f.addresses[t], t.String(), "", "host:port where the server listens for "+t.String())
	}
	flags.StringVar(&f.control, "control", "", "host:port of the server's control API, if it has one")
	flags.StringVar(&f.modes, "sense-mode", "", `the server's sense mode, such as 3S or udp=3S,tcp=5S (default: what its control API says, else 15S and 3S on UDP)`)
	flags.BoolVar(&f.tls, "tls", false, "use TLS on TCP and WebSocket")
	flags.StringVar(&f.tlsCA, "tls-ca", "", "PEM file with the certificate that signed the server's (implies --tls)")
	flags.DurationVar(&f.tolerance, "tolerance", target.DefaultTolerance, "granted on both sides of every measured time")
}

// embedded reports that no target was named, so that one has to be started.
func (f *targetFlags) embedded() bool { return f.addresses == [len(wire.Transports)]string{} }

// target makes the target that the flags describe. An error is the user's.
func (f *targetFlags) target() (*target.Target, error) {
	t := &target.Target{Network: transport.OS{}, Addresses: f.addresses, Control: f.control, Tolerance: f.tolerance, Modes: timing.DefaultModes()}
	if f.embedded() {
		return nil, errors.New("--control alone is no target: name at least one of --udp, --tcp and --ws")
	}
	for _, address := range append(f.addresses[:], f.control) {
		if address == "" {
			continue
		}
		if err := target.CheckAddress(address); err != nil {
			return nil, err
		}
	}
	if f.tolerance <= 0 {
		return nil, fmt.Errorf("--tolerance %v: it has to be over 0", f.tolerance)
	}
	if f.modes != "" {
		modes, err := timing.ParseModes(f.modes)
		if err != nil {
			return nil, fmt.Errorf("--sense-mode: %w", err)
		}
		t.Modes = modes
	}
	var err error
	t.TLS, err = f.tlsConfig()
	return t, err
}

func (f *targetFlags) tlsConfig() (*tls.Config, error) {
	if f.tlsCA == "" {
		if !f.tls {
			return nil, nil
		}
		return &tls.Config{}, nil
	}
	pem, err := os.ReadFile(f.tlsCA)
	if err != nil {
		return nil, fmt.Errorf("--tls-ca: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("--tls-ca %s: there is no PEM certificate in it", f.tlsCA)
	}
	return &tls.Config{RootCAs: roots}, nil
}

// discover asks a target what it is. What its control API says of the sense
// modes counts unless the user said something else.
func (f *targetFlags) discover(ctx context.Context, t *target.Target) error {
	if err := t.Discover(ctx, discoverWait); err != nil {
		return err
	}
	if f.modes != "" || t.Info.SenseMode == nil {
		return nil
	}
	modes, err := t.Info.Modes()
	if err != nil {
		return fmt.Errorf("what the control API says of its sense modes: %w", err)
	}
	t.Modes = modes
	return nil
}

// startEmbedded starts a reference server of our own on loopback and returns
// it as a target. It uses sense mode 3S unless the flags say otherwise.
func (f *targetFlags) startEmbedded() (*server.Server, *target.Target, error) {
	mode := f.modes
	if mode == "" {
		mode = timing.Mode3S.String()
	}
	modes, err := timing.ParseModes(mode)
	if err != nil {
		return nil, nil, fmt.Errorf("--sense-mode: %w", err)
	}
	const anyPort = "127.0.0.1:0"
	s, err := server.Start(server.Config{
		Network: transport.OS{}, Addresses: [...]string{anyPort, anyPort, anyPort}, Control: anyPort,
		Modes: modes, Limits: rules.DefaultLimits, Version: version(),
	})
	if err != nil {
		return nil, nil, err
	}
	t := &target.Target{Network: transport.OS{}, Control: s.ControlAddress(), Tolerance: f.tolerance, Modes: modes}
	for _, kind := range wire.Transports {
		t.Addresses[kind] = s.Address(kind)
	}
	return s, t, nil
}

// open gives the target of a run and what to call when it is over. code is
// that of the error.
func (f *targetFlags) open() (t *target.Target, stop func(), code int, err error) {
	if f.embedded() && f.control == "" {
		if f.tolerance <= 0 {
			return nil, nil, exitUsage, fmt.Errorf("--tolerance %v: it has to be over 0", f.tolerance)
		}
		s, t, err := f.startEmbedded()
		if err != nil {
			return nil, nil, exitUsage, err
		}
		return t, s.Close, exitGood, nil
	}
	t, err = f.target()
	return t, func() {}, exitUsage, err
}

// arguments are the flags that name this target again.
func (f *targetFlags) arguments() (args []string) {
	for _, t := range wire.Transports {
		if f.addresses[t] != "" {
			args = append(args, "--"+t.String(), f.addresses[t])
		}
	}
	for _, flag := range []struct{ name, value string }{{"--control", f.control}, {"--sense-mode", f.modes}, {"--tls-ca", f.tlsCA}} {
		if flag.value != "" {
			args = append(args, flag.name, flag.value)
		}
	}
	if f.tls {
		args = append(args, "--tls")
	}
	if f.tolerance != target.DefaultTolerance {
		args = append(args, "--tolerance", f.tolerance.String())
	}
	return args
}
