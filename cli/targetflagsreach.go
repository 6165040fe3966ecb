package cli

import (
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"imcheck/harness/target"
	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// reachFlags say how to reach a target beside its addresses: TLS, and what a request for a
// WebSocket has. A flag overrides the profile.
type reachFlags struct {
	headers     []string
	subprotocol string
	compression bool

	tls           string // transports that have it; see target.ParseTLSChoice
	tlsCA         string
	tlsServerName string
	tlsCert       string
	tlsKey        string
	tlsInsecure   bool
}

func (f *reachFlags) register(flags *pflag.FlagSet) {
	flags.StringArrayVar(&f.headers, "ws-header", nil, "`'Name: value'` to send with the request for a WebSocket, such as Origin, Cookie or Authorization (repeatable); ${NAME} in it is an environment variable, and no report shows a value")
	flags.StringVar(&f.subprotocol, "ws-subprotocol", "", "subprotocol to offer on WebSocket; the server has to choose it")
	flags.BoolVar(&f.compression, "ws-compression", false, "offer to compress messages on WebSocket (permessage-deflate)")
	flags.StringVar(&f.tls, "tls", "", "`TRANSPORTS` that have TLS: tcp, ws, or tcp,ws, which --tls alone means; a URL that begins with wss:// says so itself")
	flags.Lookup("tls").NoOptDefVal = "true"
	flags.StringVar(&f.tlsCA, "tls-ca", "", "PEM file with the certificate that signed the server's (without --tls and wss://, the TLS flags from here on mean --tls too)")
	flags.StringVar(&f.tlsServerName, "tls-server-name", "", "name that the server's certificate has to be for (default: the host of the address)")
	flags.StringVar(&f.tlsCert, "tls-cert", "", "PEM certificate of the client, for servers that want one")
	flags.StringVar(&f.tlsKey, "tls-key", "", "PEM key of --tls-cert")
	flags.BoolVar(&f.tlsInsecure, "tls-insecure", false, "accept any certificate of the server; every report says so")
}

// settings lists the flags of TLS, besides --tls, that are given.
func (f *reachFlags) settings() (given []string) {
	for _, flag := range f.texts() {
		if strings.HasPrefix(flag.name, "--tls-") && flag.value != "" {
			given = append(given, flag.name)
		}
	}
	if f.tlsInsecure {
		given = append(given, "--tls-insecure")
	}
	return given
}

// flagText is a flag with its value.
type flagText struct{ name, value string }

func (f *reachFlags) texts() []flagText {
	return []flagText{
		{"--ws-subprotocol", f.subprotocol}, {"--tls-ca", f.tlsCA}, {"--tls-server-name", f.tlsServerName},
		{"--tls-cert", f.tlsCert}, {"--tls-key", f.tlsKey},
	}
}

// arguments returns the flags again, without secrets.
func (f *reachFlags) arguments(given *pflag.FlagSet) (args []string) {
	for _, header := range f.headers {
		args = append(args, "--ws-header", shownHeader(header))
	}
	for _, flag := range f.texts() {
		if flag.value != "" {
			args = append(args, flag.name, flag.value)
		}
	}
	if f.tlsInsecure {
		args = append(args, "--tls-insecure")
	}
	if given.Changed("ws-compression") {
		args = append(args, "--ws-compression="+strconv.FormatBool(f.compression))
	}
	if given.Changed("tls") {
		args = append(args, "--tls="+f.tls)
	}
	return args
}

// overrideReach puts what the flags say of TLS and of WebSocket into a target.
func (f *targetFlags) overrideReach(t *target.Target) error {
	if err := f.checkReach(); err != nil {
		return err
	}
	if err := f.overrideUpgrade(t); err != nil {
		return err
	}
	config, err := f.tlsConfig()
	if err != nil {
		return err
	}
	choice, err := f.tlsChoice()
	if err != nil {
		return err
	}
	if err := t.SetTLS(config, choice); err != nil {
		return err
	}
	served := f.served()
	if t.TLS == [len(wire.Transports)]*tls.Config{} && len(f.reach.settings()) == 0 || f.embedded() {
		return nil
	}
	if slices.ContainsFunc(served, func(kind wire.Transport) bool { return t.TLS[kind] != nil }) {
		return nil
	}
	if slices.Equal(served, []wire.Transport{wire.UDP}) {
		return errors.New("TLS is for TCP and WebSocket, and only UDP is served: leave --tls, the flags that begin so, and tls in the profile out")
	}
	return errors.New("TLS is asked for, and no transport that is served has it: name tcp or ws in --tls, or write the URL with wss://")
}

// unverified lists the transports of a target that is launched on which no certificate is
// checked.
func (f *targetFlags) unverified() (names []string) {
	t := f.described()
	if f.overrideReach(t) != nil {
		return nil // which was refused before anything was launched
	}
	for _, kind := range f.served() {
		if config := t.TLS[kind]; config != nil && config.InsecureSkipVerify {
			names = append(names, kind.String())
		}
	}
	return names
}

// checkReach refuses flags that contradict each other, or that nothing would use.
func (f *targetFlags) checkReach() error {
	settings := f.reach.settings()
	off := f.given.Changed("tls") && f.reach.tls == "false"
	switch on := f.given.Changed("tls") && !off; {
	case f.embedded() && (on || len(settings) > 0):
		return errors.New("--tls and the flags that begin so: the server that is started without a target has no TLS: name a target")
	case f.embedded() && f.reach.compression:
		return errors.New("--ws-compression: the server that is started without a target does not compress: name a target")
	case f.embedded() && (len(f.reach.headers) > 0 || f.reach.subprotocol != ""):
		return errors.New("--ws-header and --ws-subprotocol: the server that is started without a target needs neither: name a target")
	case off && len(settings) > 0:
		return fmt.Errorf("--tls=false and %s exclude each other", settings[0])
	case (f.reach.tlsCert == "") != (f.reach.tlsKey == ""):
		return errors.New("--tls-cert and --tls-key go together")
	case f.reach.tlsInsecure && f.reach.tlsCA != "":
		return errors.New("--tls-insecure and --tls-ca exclude each other: with the first no certificate is checked")
	case (len(f.reach.headers) > 0 || f.reach.subprotocol != "" || f.reach.compression) && !slices.Contains(f.served(), wire.WS):
		return errors.New("--ws-header, --ws-subprotocol and --ws-compression are for WebSocket, which is not among the transports: name it with --ws, or leave them out")
	}
	return nil
}

// tlsChoice returns the transports that are to have TLS, as far as --tls or else the
// profile says so.
func (f *targetFlags) tlsChoice() (choice target.TLSChoice, err error) {
	if f.given.Changed("tls") {
		if choice, err = target.ParseTLSChoice(f.reach.tls); err != nil {
			err = fmt.Errorf("--tls: %w", err)
		}
		return choice, err
	}
	if f.profile != nil {
		choice = f.profile.TLSOn
	}
	return choice, nil
}

// tlsConfig adds what the flags say of TLS to what the profile says; nil when neither says
// anything.
func (f *targetFlags) tlsConfig() (config *tls.Config, err error) {
	if f.profile != nil && f.profile.TLS != nil {
		config = f.profile.TLS.Clone()
	}
	if len(f.reach.settings()) == 0 {
		return config, nil
	}
	if config == nil {
		config = &tls.Config{}
	}
	if f.reach.tlsCA != "" {
		if config.RootCAs, err = target.ReadAuthorities(f.reach.tlsCA); err != nil {
			return nil, fmt.Errorf("--tls-ca: %w", err)
		}
		config.InsecureSkipVerify = false
	}
	if f.reach.tlsServerName != "" {
		config.ServerName = f.reach.tlsServerName
	}
	if f.reach.tlsCert != "" {
		pair, err := target.ReadCertificate(f.reach.tlsCert, f.reach.tlsKey)
		if err != nil {
			return nil, fmt.Errorf("--tls-cert and --tls-key: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	config.InsecureSkipVerify = config.InsecureSkipVerify || f.reach.tlsInsecure
	return config, nil
}

// overrideUpgrade adds what the flags say of WebSocket to what the profile says. A header
// replaces those of the same name in the profile.
func (f *targetFlags) overrideUpgrade(t *target.Target) error {
	var fields []transport.HeaderField
	for _, text := range f.reach.headers {
		field, err := target.ReadHeader(text)
		if err != nil {
			return fmt.Errorf("--ws-header: %w", err)
		}
		fields = append(fields, field)
	}
	var kept []transport.HeaderField
	if f.profile != nil {
		t.Upgrade = f.profile.Upgrade
	}
	for _, field := range t.Upgrade.Header {
		if !slices.ContainsFunc(fields, func(given transport.HeaderField) bool { return given.Name == field.Name }) {
			kept = append(kept, field)
		}
	}
	t.Upgrade.Header = append(kept, fields...)
	if f.reach.subprotocol != "" {
		if err := transport.CheckSubprotocol(f.reach.subprotocol); err != nil {
			return fmt.Errorf("--ws-subprotocol: %w", err)
		}
		t.Upgrade.Subprotocol = f.reach.subprotocol
	}
	if f.given.Changed("ws-compression") {
		t.Upgrade.Compression = f.reach.compression
	}
	return t.UpgradeRequest().Check()
}
