package target

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"strings"

	"imcheck/protocol/wire"
)

// TLSChoice says for each transport whether it has TLS, as far as a user says so; nil
// where not.
type TLSChoice [len(wire.Transports)]*bool

// ParseTLSChoice reads a list of transports that have TLS; of the others it says nothing.
// "true" switches TLS on for all that can have it, "false" off.
func ParseTLSChoice(text string) (choice TLSChoice, err error) {
	if text == "true" || text == "false" {
		choice[wire.TCP], choice[wire.WS] = new(text == "true"), new(text == "true")
		return choice, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		kind, err := wire.ParseTransport(strings.TrimSpace(part))
		if err != nil || !kind.Connected() {
			return choice, fmt.Errorf("%q is not a transport that can have TLS: use tcp, ws, or tcp,ws", strings.TrimSpace(part))
		}
		choice[kind] = new(true)
	}
	return choice, nil
}

// says reports whether the choice has a value for a transport.
func (c TLSChoice) says(kind wire.Transport, value bool) bool {
	return c[kind] != nil && *c[kind] == value
}

// SetTLS gives the target's streams TLS: those that the choice names, and WebSocket when its
// URL is wss. When neither names one, settings are for both. config has the settings,
// nil for those of the system.
func (t *Target) SetTLS(config *tls.Config, choice TLSChoice) error {
	a, err := ParseAddress(wire.WS, t.Addresses[wire.WS])
	if err != nil {
		a = Address{} // which is reported elsewhere, or there is none
	}
	switch {
	case a.URL && a.Secure && choice.says(wire.WS, false):
		return errors.New("the URL of the WebSocket begins with wss://, which has TLS, but TLS is switched off for ws: write ws://, or name ws where the transports with TLS are named")
	case a.URL && !a.Secure && choice.says(wire.WS, true):
		return errors.New("the URL of the WebSocket begins with ws://, which has no TLS, but TLS is switched on for ws: write wss://, or name only tcp where the transports with TLS are named")
	}
	both := config != nil && !choice.says(wire.TCP, true) && !choice.says(wire.WS, true) && !a.Secure
	t.TLS = [len(wire.Transports)]*tls.Config{}
	for _, kind := range []wire.Transport{wire.TCP, wire.WS} {
		on := both
		switch {
		case kind == wire.WS && a.URL:
			on = a.Secure
		case choice[kind] != nil:
			on = *choice[kind]
		}
		if on {
			if t.TLS[kind] = config; config == nil {
				t.TLS[kind] = &tls.Config{}
			}
		}
	}
	return nil
}

// Unverified lists the transports whose certificate is not checked.
func (t *Target) Unverified() (kinds []wire.Transport) {
	for _, kind := range t.Transports() {
		if c := t.TLS[kind]; c != nil && c.InsecureSkipVerify {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// ReadAuthorities reads the certificates of a PEM file.
func ReadAuthorities(path string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("there is no PEM certificate in %s", path)
	}
	return pool, nil
}

// ReadCertificate reads the certificate that a client identifies itself with, and its key.
func ReadCertificate(certificate, key string) (tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return pair, fmt.Errorf("the client's certificate %s with the key %s: %w", certificate, key, err)
	}
	return pair, nil
}
