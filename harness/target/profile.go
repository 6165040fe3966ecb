package target

import (
	"cmp"
	"crypto/tls"
	"time"

	"imcheck/harness/accounts"
	"imcheck/harness/broker"
	"imcheck/harness/strictyaml"
	"imcheck/harness/transport"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/timing"
	"imcheck/protocol/versions"
	"imcheck/protocol/wire"
)

// Profile describes a server under test: all that a tester cannot find out over the
// wire, and how to start it.
type Profile struct {
	Name         string
	Version      string                       // of the implementation; "" when it is not said
	Organization string                       // that makes it; "" when it is not said
	URL          string                       // http or https; "" when it is not said
	Addresses    [len(wire.Transports)]string // see ParseAddress; "" where none is given
	Control      string                       // host:port; "" for none
	TLS          *tls.Config                  // settings; nil for none
	TLSOn        TLSChoice                    // transports that have TLS
	Upgrade      transport.UpgradeRequest     // for WebSocket; its path is that of the address
	Protocol     versions.Version             // that the server is judged by; "" for the newest
	Modes        timing.Modes                 // zero where none is given
	Tolerance    time.Duration                // 0 when none is given
	Capabilities controlapi.Capabilities
	Conventions  Conventions
	Users        accounts.Source // that the server lets in; nil for any
	Bridge       broker.Broker   // nil when none is given
	Impair       []string        // specs for impair.Parse, which takes them; nil for none
	Recipe       *Recipe         // the way to launch the server; nil when that is not known
}

// ReadProfile reads a profile from a file. Files that it names are relative to its
// folder. The error is a *strictyaml.FileError.
func ReadProfile(path string) (*Profile, error) {
	text, err := strictyaml.ReadFile(path, "the profile")
	if err != nil {
		return nil, err
	}
	return ParseProfile(path, text)
}

// ParseProfile is ReadProfile for a text; path is what errors call it, and
// where the files that it names are looked for.
func ParseProfile(path string, text []byte) (*Profile, error) {
	var file profileFile
	r, err := strictyaml.Read(path, text, &file, profileHelp)
	if err != nil {
		return nil, err
	}
	if r.Root == nil {
		return nil, &strictyaml.FileError{Path: path, Reason: "the profile is empty: " + profileHelp}
	}
	c := profileChecker{r}
	profile := c.check(file)
	if err := r.Err(); err != nil {
		return nil, err
	}
	return profile, nil
}

// Target returns the server at the profile's addresses. What the profile leaves open
// has the default of a 6.x server.
func (p *Profile) Target() *Target {
	t := &Target{
		Network: transport.OS{}, Addresses: p.Addresses, Control: p.Control, Upgrade: p.Upgrade, Modes: p.Modes,
		Tolerance: cmp.Or(p.Tolerance, DefaultTolerance), Conventions: p.Conventions, Users: p.Users,
		Info: controlapi.Info{Name: p.Name, Version: p.Version, Organization: p.Organization, URL: p.URL, Capabilities: p.Capabilities},
	}
	if p.Bridge != nil {
		t.Bridge, t.Info.Capabilities = p.Bridge, t.Info.Capabilities.With(controlapi.CapabilityBridge)
	}
	for _, kind := range wire.Transports {
		t.Modes[kind] = cmp.Or(p.Modes[kind], timing.Default(kind))
	}
	_ = t.SetTLS(p.TLS, p.TLSOn) // what contradicts itself was refused when the profile was read
	return t
}

// profileFile has the keys of the file.
type profileFile struct {
	Name           string                `yaml:"name"`
	Implementation profileImplementation `yaml:"implementation"`
	Protocol       string                `yaml:"protocol"`

	Addresses  profileAddresses    `yaml:"addresses"`
	WebSocket  profileWebSocket    `yaml:"webSocket"`
	TLS        *profileTLS         `yaml:"tls"`
	SenseModes byTransport[string] `yaml:"senseModes"`
	Tolerance  string              `yaml:"tolerance"`

	Credentials     profileCredentials `yaml:"credentials"`
	Users           *profileUsers      `yaml:"users"`
	OfflinePrefix   string             `yaml:"offlinePrefix"`
	VetoPrefix      string             `yaml:"vetoPrefix"`
	LargestMessages byTransport[int]   `yaml:"largestMessages"`
	Capabilities    []string           `yaml:"capabilities"`
	Bridge          string             `yaml:"bridge"`
	Impair          []string           `yaml:"impair"`

	Launch *profileLaunch `yaml:"launch"`
}

type (
	profileImplementation struct {
		Version      string `yaml:"version"`
		Organization string `yaml:"organization"`
		URL          string `yaml:"url"`
	}
	profileAddresses struct {
		byTransport[string] `yaml:",inline"`
		Control             string `yaml:"control"`
	}
	profileTLS struct {
		TCP        *bool  `yaml:"tcp"`
		WS         *bool  `yaml:"ws"`
		CA         string `yaml:"ca"`
		ServerName string `yaml:"serverName"`
		Cert       string `yaml:"cert"`
		Key        string `yaml:"key"`
		Insecure   bool   `yaml:"insecure"`
	}
	profileWebSocket struct {
		Headers     []string `yaml:"headers"`
		Subprotocol string   `yaml:"subprotocol"`
		Compression bool     `yaml:"compression"`
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

// byTransport has one value for each transport.
type byTransport[T any] struct {
	UDP T `yaml:"udp"`
	TCP T `yaml:"tcp"`
	WS  T `yaml:"ws"`
}

func (b byTransport[T]) each() [len(wire.Transports)]T {
	return [...]T{wire.UDP: b.UDP, wire.TCP: b.TCP, wire.WS: b.WS}
}

// profileHelp says in errors where the keys are explained.
const profileHelp = `"imcheck conform --example-profile" prints every key with an explanation`
