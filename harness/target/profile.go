package target

import (
	"cmp"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"time"

	"imcheck/harness/strictyaml"
	"imcheck/harness/transport"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// Profile is what a file says of a server under test: all that a tester cannot
// find out over the wire, and how to start it.
type Profile struct {
	Name         string
	Addresses    [len(wire.Transports)]string // host:port; "" where none is given
	Control      string                       // host:port; "" for none
	TLS          *tls.Config                  // nil for none
	Modes        timing.Modes                 // zero where none is given
	Tolerance    time.Duration                // 0 when none is given
	Capabilities controlapi.Capabilities
	Conventions  Conventions
	Impair       []string // specs for impair.Parse, which takes them; nil for none
	Recipe       *Recipe  // how to launch the server; nil when that is not known
}

// ProfileError says what is wrong with a profile, and where.
type ProfileError struct {
	Path   string
	Line   int // 0 when the file as a whole is meant
	Reason string
	Err    error // what lies behind it; may be nil
}

func (e *ProfileError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.Path, e.Reason)
	}
	return fmt.Sprintf("%s:%d: %s", e.Path, e.Line, e.Reason)
}

// Unwrap gives what lies behind it.
func (e *ProfileError) Unwrap() error { return e.Err }

// ReadProfile reads a profile from a file. Files that it names are relative to
// its folder. The error is a *ProfileError.
func ReadProfile(path string) (*Profile, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, &ProfileError{Path: path, Reason: fmt.Sprintf("the profile cannot be read: %v", errors.Unwrap(err)), Err: err}
	}
	return ParseProfile(path, text)
}

// ParseProfile is ReadProfile for a text; path is what errors call it, and
// where the files that it names are looked for.
func ParseProfile(path string, text []byte) (*Profile, error) {
	var file profileFile
	root, err := strictyaml.Decode(text, &file, profileHelp)
	if mistake, ok := errors.AsType[*strictyaml.Error](err); ok {
		return nil, &ProfileError{path, mistake.Line, mistake.Reason, err}
	}
	if root == nil {
		return nil, &ProfileError{Path: path, Reason: "the profile is empty: " + profileHelp}
	}
	c := &profileChecker{path: path, root: root}
	profile := c.check(file)
	if c.problem != nil {
		return nil, c.problem
	}
	return profile, nil
}

// Target is the server at the profile's addresses. What the profile leaves
// open is as a 6.x server has it out of the box.
func (p *Profile) Target() *Target {
	t := &Target{
		Network: transport.OS{}, Addresses: p.Addresses, Control: p.Control, TLS: p.TLS, Modes: p.Modes,
		Tolerance: cmp.Or(p.Tolerance, DefaultTolerance), Conventions: p.Conventions,
		Info: controlapi.Info{Name: p.Name, Capabilities: p.Capabilities},
	}
	for _, kind := range wire.Transports {
		t.Modes[kind] = cmp.Or(p.Modes[kind], timing.Default(kind))
	}
	return t
}

// profileFile is the file as it is written.
type profileFile struct {
	Name       string              `yaml:"name"`
	Addresses  profileAddresses    `yaml:"addresses"`
	TLS        *profileTLS         `yaml:"tls"`
	SenseModes byTransport[string] `yaml:"senseModes"`
	Tolerance  string              `yaml:"tolerance"`

	Credentials     profileCredentials `yaml:"credentials"`
	OfflinePrefix   string             `yaml:"offlinePrefix"`
	VetoPrefix      string             `yaml:"vetoPrefix"`
	LargestMessages byTransport[int]   `yaml:"largestMessages"`
	Capabilities    []string           `yaml:"capabilities"`
	Impair          []string           `yaml:"impair"`

	Launch *profileLaunch `yaml:"launch"`
}

type (
	profileAddresses struct {
		byTransport[string] `yaml:",inline"`
		Control             string `yaml:"control"`
	}
	profileTLS struct {
		CA         string `yaml:"ca"`
		ServerName string `yaml:"serverName"`
	}
	profileCredentials struct {
		Accepted string           `yaml:"accepted"`
		Refused  []profileRefused `yaml:"refused"`
	}
	profileRefused struct {
		Token string `yaml:"token"`
		Code  int32  `yaml:"code"`
	}
	profileLaunch struct {
		Command      []string              `yaml:"command"`
		Ready        string                `yaml:"ready"`
		StartTimeout string                `yaml:"startTimeout"`
		StopTimeout  string                `yaml:"stopTimeout"`
		SenseModes   byTransport[[]string] `yaml:"senseModes"`
	}
)

// byTransport is one value for each transport.
type byTransport[T any] struct {
	UDP T `yaml:"udp"`
	TCP T `yaml:"tcp"`
	WS  T `yaml:"ws"`
}

func (b byTransport[T]) each() [len(wire.Transports)]T {
	return [...]T{wire.UDP: b.UDP, wire.TCP: b.TCP, wire.WS: b.WS}
}

// profileHelp is what an unknown key is answered with.
const profileHelp = "fixtures/profiles/example.yaml explains every key"
