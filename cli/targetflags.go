package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"imcheck/harness/machine"
	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/protocol/server"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
	"imcheck/reference-server/reference"
)

// discoverWait bounds each question to a target at the start: with three tries
// on UDP, a target where nothing listens is known within 10 s.
const discoverWait = 2 * time.Second

// resolver finds the addresses of names; nil for that of the system. Tests replace it.
var resolver target.Resolver

// targetFlags name the server under test. A flag overrides the profile.
type targetFlags struct {
	addresses [len(wire.Transports)]string
	control   string
	modes     string
	said      timing.Modes // the parsed --sense-mode
	tolerance time.Duration
	bridge    string // URL of a broker, "" for none
	largest   string // the largest messages, by transport
	reach     reachFlags
	users     usersFlag

	given       *pflag.FlagSet
	profilePath string
	profile     *target.Profile // nil without --profile
}

func (f *targetFlags) register(flags *pflag.FlagSet) {
	f.given = flags
	flags.StringVar(&f.profilePath, "profile", "", "YAML file that describes the server, and how to launch it (imcheck conform --example-profile prints one with every key explained)")
	for _, t := range wire.Transports {
		help := "host:port where the server listens for " + t.String() + "; several separated by commas"
		if t == wire.WS {
			help += ", or a URL such as wss://im.example/websocket?room=1"
		}
		flags.StringVar(&f.addresses[t], t.String(), "", help)
	}
	flags.StringVar(&f.control, "control", "", "host:port of the server's control API, if it has one")
	flags.StringVar(&f.modes, "sense-mode", "", `the server's sense mode, such as 3S or udp=3S,tcp=5S (default: what its profile or its control API says, else 15S and 3S on UDP)`)
	flags.StringVar(&f.largest, "largest-message", "", "largest message in bytes that the server takes, such as tcp=61440,ws=65536 (default: that of its profile, else of a 6.x server)")
	f.reach.register(flags)
	f.tolerance = target.DefaultTolerance
}

// registerTolerance adds the flag of a verb that judges measured times.
func (f *targetFlags) registerTolerance(flags *pflag.FlagSet) {
	flags.DurationVar(&f.tolerance, "tolerance", target.DefaultTolerance, "tolerance of every measured time, in both directions")
}

// readProfile reads the file of --profile. An error is the user's.
func (f *targetFlags) readProfile() (err error) {
	if f.profilePath != "" {
		f.profile, err = target.ReadProfile(f.profilePath)
	}
	if err == nil {
		err = f.readUsers()
	}
	return err
}

// embedded reports whether no target was named, so that one has to be started.
func (f *targetFlags) embedded() bool { return f.profile == nil && !f.addressed() }

// launches reports whether the target has to be started as the profile says.
func (f *targetFlags) launches() bool {
	return f.profile != nil && f.profile.Recipe != nil && !f.addressed()
}

// addressed reports whether the flags or the profile say where the target listens.
func (f *targetFlags) addressed() bool {
	none := [len(wire.Transports)]string{}
	return f.addresses != none || f.profile != nil && f.profile.Addresses != none
}

// served lists the transports that a run will find, as far as the flags and the profile
// have them.
func (f *targetFlags) served() []wire.Transport {
	switch {
	case f.embedded():
		return wire.Transports[:]
	case f.launches():
		return f.profile.Recipe.Transports()
	}
	return f.described().Transports()
}

// described returns the target that the profile and the addresses among the flags
// describe.
func (f *targetFlags) described() *target.Target {
	profile := f.profile
	if profile == nil {
		profile = &target.Profile{}
	}
	t := profile.Target()
	t.Resolver = resolver
	for _, kind := range wire.Transports {
		t.Addresses[kind] = cmp.Or(f.addresses[kind], t.Addresses[kind])
	}
	t.Control = cmp.Or(f.control, t.Control)
	return t
}

// target makes the target that the flags describe. An error is the user's.
func (f *targetFlags) target() (*target.Target, error) {
	if !f.addressed() {
		return nil, errors.New("--control alone does not name a target: name at least one of --udp, --tcp and --ws")
	}
	t := f.described()
	for kind, address := range f.addresses {
		if address == "" {
			continue
		}
		if _, err := target.ParseAddress(wire.Transport(kind), address); err != nil {
			return nil, fmt.Errorf("--%s: %w", wire.Transport(kind), err)
		}
	}
	if f.control != "" {
		if err := target.CheckAddress(f.control); err != nil {
			return nil, fmt.Errorf("--control: %w", err)
		}
	}
	var err error
	if t.Modes, err = f.chosenModes(t.Modes); err != nil {
		return nil, err
	}
	return t, f.override(t)
}

// chosenModes returns the sense modes of --sense-mode; where it does not name one, that
// of the argument.
func (f *targetFlags) chosenModes(otherwise timing.Modes) (modes timing.Modes, err error) {
	f.said, err = senseModes(f.modes, f.served(), timing.Modes{})
	return f.said.Or(otherwise), err
}

// senseModes reads the value of --sense-mode, "" without one. Where it says
// nothing the modes are others.
func senseModes(text string, served []wire.Transport, otherwise timing.Modes) (timing.Modes, error) {
	if text == "" {
		return otherwise, nil
	}
	modes, err := timing.ParseModes(text, served)
	if err != nil {
		return otherwise, fmt.Errorf("--sense-mode: %w", err)
	}
	return modes.Or(otherwise), nil
}

// override puts what the flags say of tolerance, TLS and WebSocket into a target.
func (f *targetFlags) override(t *target.Target) error {
	f.addUsers(t)
	if f.profile == nil || f.given.Changed("tolerance") {
		t.Tolerance = f.tolerance
	}
	if t.Tolerance <= 0 {
		return fmt.Errorf("--tolerance %v: it has to be over 0", t.Tolerance)
	}
	if err := f.overrideLargest(t); err != nil {
		return err
	}
	if err := f.overrideBridge(t); err != nil {
		return err
	}
	return f.overrideReach(t)
}

// largestMessages reads --largest-message, which may name what is served only. A size is 0
// where it says nothing.
func largestMessages(text string, served []wire.Transport) (largest [len(wire.Transports)]int, err error) {
	if text == "" {
		return largest, nil
	}
	if largest, err = target.ParseLargest(text); err != nil {
		return largest, fmt.Errorf("--largest-message: %w", err)
	}
	for kind, size := range largest {
		if size != 0 && !slices.Contains(served, wire.Transport(kind)) {
			return largest, fmt.Errorf("--largest-message: %s is not served: leave it out", wire.Transport(kind))
		}
	}
	return largest, nil
}

// overrideLargest puts the sizes of --largest-message into a target.
func (f *targetFlags) overrideLargest(t *target.Target) error {
	if f.largest == "" {
		return nil
	}
	largest, err := largestMessages(f.largest, f.served())
	if err != nil {
		return err
	}
	for kind, size := range largest {
		t.Conventions.MaxMessages[kind] = cmp.Or(size, t.Conventions.MaxMessages[kind])
	}
	if f.embedded() {
		return errors.New("--largest-message: the server that is started without a target takes what a 6.x server does: name a target")
	}
	return nil
}

// discover asks a target what it is. What its control API says of the sense mode
// of a transport counts unless a flag or the profile says something else. It asks again
// if this process was stopped meanwhile.
func (f *targetFlags) discover(ctx context.Context, t *target.Target) error {
	if err := machine.AgainAfterPause(ctx, func() error { return t.Discover(ctx, discoverWait) }); err != nil {
		return err
	}
	if f.launches() || t.Info.SenseMode == nil {
		return nil
	}
	declared, err := t.Info.Modes(t.Transports())
	if err != nil {
		return fmt.Errorf("what the control API says of its sense modes: %w", err)
	}
	said := f.said
	if f.profile != nil {
		said = said.Or(f.profile.Modes)
	}
	t.Modes = said.Or(declared)
	return nil
}

// startEmbedded starts a reference server of our own on loopback and returns
// it as a target. The error is one of the system.
func (f *targetFlags) startEmbedded(modes timing.Modes) (*target.Target, func(), error) {
	const anyPort = "127.0.0.1:0"
	between, err := f.embeddedBridge()
	if err != nil {
		return nil, nil, err
	}
	s, err := reference.Start(reference.Config{
		Network: transport.OS{}, Addresses: [...]string{anyPort, anyPort, anyPort}, Control: anyPort,
		Modes: modes, Limits: server.DefaultLimits, Version: version(), Bridge: between,
	})
	if err != nil {
		return nil, nil, err
	}
	t := &target.Target{Network: transport.OS{}, Control: s.ControlAddress(), Tolerance: f.tolerance, Modes: modes}
	for _, kind := range wire.Transports {
		t.Addresses[kind] = s.Address(kind)
	}
	f.addUsers(t)
	if between != nil {
		t.Bridge = between.Broker
	}
	return t, s.Close, nil
}

// start starts the target in the given sense modes: as the profile says, or a reference
// server of our own.
func (f *targetFlags) start(ctx context.Context, modes timing.Modes) (*target.Target, func(), error) {
	if f.embedded() {
		return f.startEmbedded(modes)
	}
	t, process, err := f.profile.Launch(ctx, modes)
	if err != nil {
		return nil, nil, err
	}
	if err := f.override(t); err != nil {
		process.Stop()
		return nil, nil, err
	}
	return t, process.Stop, nil
}

// open returns the target of a run and what to call when it is over. code is
// that of the error.
func (f *targetFlags) open(ctx context.Context) (t *target.Target, stop func(), code int, err error) {
	if f.control != "" && !f.addressed() || !f.embedded() && !f.launches() {
		t, err = f.target()
		return t, func() {}, exitUsage, err
	}
	modes, err := f.startModes()
	if err != nil {
		return nil, nil, exitUsage, err
	}
	t, stop, err = f.start(ctx, modes)
	return t, stop, exitUnreachable, err
}

// startModes returns the sense modes of a target that is started: those of
// --sense-mode, else those that the profile prefers, else 3S. An error is the
// user's.
func (f *targetFlags) startModes() (timing.Modes, error) {
	modes := timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S}
	if f.launches() {
		modes = f.profile.LaunchModes()
	}
	if err := f.override(&target.Target{Tolerance: target.DefaultTolerance}); err != nil {
		return modes, err
	}
	modes, err := f.chosenModes(modes)
	if err == nil && f.launches() {
		err = f.profile.Recipe.CheckModes(modes)
	}
	return modes, err
}

// arguments returns the flags that name this target, for a command to copy.
func (f *targetFlags) arguments() (args []string) {
	if f.profilePath != "" {
		args = append(args, "--profile", f.profilePath)
	}
	for _, t := range wire.Transports {
		if f.addresses[t] != "" {
			args = append(args, "--"+t.String(), target.ShownAddress(f.addresses[t]))
		}
	}
	for _, flag := range []struct{ name, value string }{{"--control", f.control}, {"--sense-mode", f.modes}, {"--largest-message", f.largest}, {"--users", f.users.path}} {
		if flag.value != "" {
			args = append(args, flag.name, flag.value)
		}
	}
	if f.bridge != "" {
		args = append(args, "--bridge-amqp", shownBroker(f.bridge))
	}
	args = append(args, f.reach.arguments(f.given)...)
	if f.given.Changed("tolerance") {
		args = append(args, "--tolerance", f.tolerance.String())
	}
	return args
}
