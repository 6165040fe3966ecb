package target_test

import (
	"crypto/tls"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"imcheck/fixtures"
	"imcheck/harness/strictyaml"
	"imcheck/harness/target"
	"imcheck/protocol/controlapi"
	"imcheck/protocol/timing"
	"imcheck/protocol/wire"
)

// readFixture reads one of the profiles that come with the program.
func readFixture(t *testing.T, name string) *target.Profile {
	t.Helper()
	text, err := fixtures.Profile(name)
	if err != nil {
		t.Fatal(err)
	}
	p, err := target.ParseProfile(name+".yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestReferenceServerProfile(t *testing.T) {
	p := readFixture(t, "reference-server")
	for _, mode := range timing.SenseModes {
		for _, kind := range wire.Transports {
			if p.Recipe.CanLaunch(kind, mode) != mode.On(kind) {
				t.Errorf("%s on %s: the profile and the table of §3 differ", mode, kind)
			}
		}
	}
	if got := p.LaunchModes(); got != (timing.Modes{timing.Mode3S, timing.Mode3S, timing.Mode3S}) {
		t.Errorf("it is launched in %v unless somebody asks for another mode", got)
	}
	expectContractDefaults(t, p.Target())
}

// The example describes a target without a profile, so that a user sees
// what leaving a key out means.
func TestExampleProfile(t *testing.T) {
	p := readFixture(t, "example")
	under := p.Target()
	expectContractDefaults(t, under)
	if under.Addresses != [...]string{"127.0.0.1:7901", "127.0.0.1:8901", "127.0.0.1:3000"} || under.Control != "" || under.TLS != [len(wire.Transports)]*tls.Config{} {
		t.Errorf("addresses %v, control %q, TLS %v", under.Addresses, under.Control, under.TLS)
	}
	if under.Modes != timing.DefaultModes() || under.Info.Name != "our server" || p.Recipe.StopTimeout != 5*time.Second {
		t.Errorf("modes %v, name %q, stop timeout %v", under.Modes, under.Info.Name, p.Recipe.StopTimeout)
	}
	for _, capability := range []controlapi.Capability{controlapi.CapabilityVerdicts, controlapi.CapabilityOfflineStore, controlapi.CapabilityVeto} {
		if !under.Has(capability) {
			t.Errorf("%s is declared and not there", capability)
		}
	}
}

// expectContractDefaults compares a target with the conventions of
// docs/contracts.md, part A.
func expectContractDefaults(t *testing.T, under *target.Target) {
	t.Helper()
	plain := &target.Target{}
	for name, pair := range map[string][2]string{
		"token":   {under.Token(), plain.Token()},
		"stored":  {under.StoredUser("u"), "off-u"},
		"vetoed":  {under.VetoedContent("x"), "veto:x"},
		"refused": {under.RefusedTokens()[0].Token, "code:1025"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %q, want %q", name, pair[0], pair[1])
		}
	}
	for _, kind := range wire.Transports {
		if got := under.MaxMessage(kind); got != kind.MaxMessage() || plain.MaxMessage(kind) != got {
			t.Errorf("largest message on %s: %d", kind, got)
		}
	}
	if under.Tolerance != target.DefaultTolerance {
		t.Errorf("tolerance %v", under.Tolerance)
	}
}

const differentProfile = `
addresses: {tcp: "127.0.0.1:1", control: "127.0.0.1:2"}
senseModes: {tcp: 5S}
tolerance: 250ms
credentials:
  accepted: secret
  refused: [{token: wrong, code: 4000}]
offlinePrefix: kept_
vetoPrefix: "#"
largestMessages: {tcp: 100000}
tls: {serverName: im.example}
impair: ["delay=50ms", "udp: drop=2%"]
`

func TestProfileThatDiffers(t *testing.T) {
	p, err := target.ParseProfile("p.yaml", []byte(differentProfile))
	if err != nil {
		t.Fatal(err)
	}
	under := p.Target()
	if under.Token() != "secret" || under.StoredUser("u") != "kept_u" || under.VetoedContent("x") != "#x" {
		t.Errorf("conventions %+v", under.Conventions)
	}
	if refused := under.RefusedTokens(); len(refused) != 1 || refused[0] != (target.RefusedToken{Token: "wrong", Code: 4000}) {
		t.Errorf("refused tokens %v", refused)
	}
	if under.MaxMessage(wire.TCP) != 100_000 || under.MaxMessage(wire.UDP) != wire.MaxDatagram {
		t.Errorf("largest messages %v", under.Conventions.MaxMessages)
	}
	if under.Modes != (timing.Modes{timing.Mode3S, timing.Mode5S, timing.Mode15S}) || under.Tolerance != 250*time.Millisecond {
		t.Errorf("modes %v, tolerance %v", under.Modes, under.Tolerance)
	}
	if want := []string{"delay=50ms", "udp: drop=2%"}; !slices.Equal(p.Impair, want) || under.Path != nil {
		t.Errorf("impairment %q, want %q, and the path left to the caller", p.Impair, want)
	}
	if under.TLS[wire.TCP] == nil || under.TLS[wire.TCP].ServerName != "im.example" || under.Control != "127.0.0.1:2" {
		t.Errorf("TLS %v, control %s", under.TLS, under.Control)
	}
}

// TestBadProfiles holds that each mistake is named with its line.
func TestBadProfiles(t *testing.T) {
	const good = "addresses: {tcp: 127.0.0.1:1}\n"
	tests := []struct {
		name, text, want string
	}{
		{"empty", "", "p.yaml: the profile is empty"},
		{"only a comment", "# nothing\n", "p.yaml: the profile is empty"},
		{"not YAML", good + "name: [\n", "p.yaml:"},
		{"not a mapping", "- a\n", "p.yaml:1: this has to be a mapping"},
		{"unknown key", good + "name: x\nadresses: {}\n", `p.yaml:3: unknown key "adresses"`},
		{"unknown inner key", "addresses:\n  tcp: 127.0.0.1:1\n  sctp: 127.0.0.1:1\n", `p.yaml:3: unknown key "sctp"`},
		{"key given twice", good + "name: a\nname: b\n", `p.yaml:3: mapping key "name" already defined at line 2`},
		{"page that is none", good + "implementation:\n  url: javascript:alert(1)\n", `p.yaml:3: implementation.url: "javascript:alert(1)" is not the address of a page`},
		{"page without a host", good + "implementation:\n  url: /server\n", `p.yaml:3: implementation.url: "/server" is not`},
		{"two documents", good + "---\nname: x\n", "p.yaml:2: a second document"},
		{"key without a value", good + "tls:\n", "p.yaml:2: tls: there is no value"},
		{"empty text", good + "credentials:\n  accepted: ''\n", "p.yaml:3: credentials.accepted: there is no value"},
		{"nothing to test", "name: x\n", "p.yaml:1: addresses: name at least one"},
		{"bad address", "addresses:\n  udp: 127.0.0.1:1\n  ws: nonsense\n", "p.yaml:3: addresses.ws: address nonsense"},
		{"bad control address", "addresses:\n  udp: 127.0.0.1:1\n  control: '1'\n", "p.yaml:3: addresses.control: "},
		{"mode that is none", good + "senseModes:\n  tcp: 4S\n", `p.yaml:3: senseModes.tcp: unknown sense mode "4S"`},
		{"mode that UDP has not", good + "senseModes:\n  udp: 5S\n", "p.yaml:3: senseModes.udp: sense mode 5S does not exist on udp"},
		{"tolerance", good + "tolerance: 100\n", `p.yaml:2: tolerance: "100" is not a duration`},
		{"negative tolerance", good + "tolerance: -1s\n", `p.yaml:2: tolerance: "-1s" is not over 0`},
		{"capability of the control API", good + "capabilities:\n  - veto\n  - s2c\n", `p.yaml:4: capabilities.1: capability "s2c" cannot be declared`},
		{"capabilities as text", good + "capabilities: veto\n", "p.yaml:2: this has to be a list"},
		{"refused with 0", good + "credentials:\n  refused:\n    - {token: x, code: 0}\n", "p.yaml:4: credentials.refused.0: "},
		{"code that is no number", good + "credentials:\n  refused:\n    - token: x\n      code: many\n", "p.yaml:5: this has to be a whole number"},
		{"message too small", good + "largestMessages:\n  tcp: 10\n", "p.yaml:3: largestMessages.tcp: 10 bytes: it has to be from 1024"},
		{"datagram too large", good + "largestMessages:\n  udp: 65536\n", "p.yaml:3: largestMessages.udp: 65536 bytes"},
		{"impairment with an unknown key", good + "impair:\n  - delay=1ms\n  - 'udp: dorp=5%'\n", `p.yaml:4: impair.1: "udp: dorp=5%": unknown key "dorp": use drop`},
		{"impairment out of bounds", good + "impair: [drop=200%]\n", `p.yaml:2: impair.0: "drop=200%": drop=200%: write a percentage`},
		{"impairment as text", good + "impair: drop=5%\n", "p.yaml:2: this has to be a list"},
		{"empty impairment", good + "impair: ['']\n", "p.yaml:2: impair.0: there is no value"},
		{"no such CA", good + "tls:\n  ca: nowhere.pem\n", "p.yaml:3: tls.ca: open nowhere.pem"},
		{"launch without command", "launch:\n  ready: x\n", "p.yaml:2: launch.command: name the program"},
		{"unknown placeholder", "launch:\n  command:\n    - x\n    - '{upd}'\n", "p.yaml:4: launch.command.1: unknown placeholder {upd}"},
		{"no address to give", "launch:\n  command: [x]\n", "p.yaml:2: launch.command: it has none of {udp}, {tcp} and {ws}"},
		{"modes without placeholder", "launch:\n  command: [x, '{tcp}']\n  senseModes:\n    tcp: [3S]\n", "p.yaml:4: launch.senseModes.tcp: the command has no {tcp} with {senseMode.tcp}"},
		{"placeholder without modes", "launch:\n  command: [x, '{tcp}', '{senseMode}']\n", "p.yaml:2: launch.senseModes: the command has {senseMode} for tcp"},
		{"bad mode to launch", "launch:\n  command: [x, '{tcp}', '{senseMode}']\n  senseModes:\n    tcp:\n      - 3S\n      - 4S\n", `p.yaml:6: launch.senseModes.tcp.1: unknown sense mode "4S"`},
		{"bad pattern", "launch:\n  command: [x, '{tcp}']\n  ready: '('\n", "p.yaml:3: launch.ready: "},
		{"bad timeout", "launch:\n  command: [x, '{tcp}']\n  stopTimeout: soon\n", `p.yaml:3: launch.stopTimeout: "soon" is not a duration`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p, err := target.ParseProfile("p.yaml", []byte(test.text))
			if _, ok := errors.AsType[*strictyaml.FileError](err); !ok || p != nil {
				t.Fatalf("%v, %v; want a *strictyaml.FileError", p, err)
			}
			if !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("error %q\nwant   %q", err, test.want)
			}
		})
	}
}

// A certificate is looked for beside the profile.
func TestProfileFiles(t *testing.T) {
	folder := t.TempDir()
	profile := filepath.Join(folder, "p.yaml")
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write(profile, "addresses: {tcp: 127.0.0.1:1}\ntls: {ca: ca.pem}\n")
	write(filepath.Join(folder, "ca.pem"), "no certificate")
	_, err := target.ReadProfile(profile)
	if err == nil || !strings.Contains(err.Error(), profile+":2: tls.ca: there is no PEM certificate in "+folder) {
		t.Errorf("error %v", err)
	}
	_, err = target.ReadProfile(filepath.Join(folder, "none.yaml"))
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "none.yaml: the profile cannot be read") {
		t.Errorf("error %v", err)
	}
}
