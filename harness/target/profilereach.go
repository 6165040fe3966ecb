package target

import (
	"crypto/tls"
	"errors"
	"path/filepath"
	"strconv"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// addresses refuses addresses that cannot be read.
func (c profileChecker) addresses(p *Profile) {
	for i, address := range p.Addresses {
		if address == "" {
			continue
		}
		if _, err := ParseAddress(wire.Transport(i), address); err != nil {
			c.Reject(err, "addresses", wire.Transport(i).String())
		}
	}
	if p.Control == "" {
		return
	}
	if err := CheckAddress(p.Control); err != nil {
		c.Reject(err, "addresses", "control")
	}
}

// upgrade reads what is sent with a request for a WebSocket.
func (c profileChecker) upgrade(file profileWebSocket) (r transport.UpgradeRequest) {
	for i, text := range file.Headers {
		field, err := ReadHeader(text)
		if err != nil {
			c.Reject(err, "webSocket", "headers", strconv.Itoa(i))
		}
		r.Header = append(r.Header, field)
	}
	r.Subprotocol, r.Compression = file.Subprotocol, file.Compression
	if r.Subprotocol != "" {
		if err := transport.CheckSubprotocol(r.Subprotocol); err != nil {
			c.Reject(err, "webSocket", "subprotocol")
		}
	}
	return r
}

// tls reads the settings of TLS.
func (c profileChecker) tls(file *profileTLS) *tls.Config {
	if file == nil {
		return nil
	}
	config := &tls.Config{ServerName: file.ServerName, InsecureSkipVerify: file.Insecure}
	var err error
	if file.CA != "" {
		if config.RootCAs, err = ReadAuthorities(c.file(file.CA)); err != nil {
			c.Reject(err, "tls", "ca")
		}
	}
	switch {
	case file.Insecure && file.CA != "":
		c.Reject(errors.New("with insecure no certificate is checked, and ca has no effect: leave one of them out"), "tls", "insecure")
	case file.Cert == "" && file.Key == "":
	case file.Cert == "" || file.Key == "":
		c.Reject(errors.New("cert and key go together"), "tls")
	default:
		pair, err := ReadCertificate(c.file(file.Cert), c.file(file.Key))
		if err != nil {
			c.Reject(err, "tls", "cert")
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config
}

// file returns the path of a file that the profile names.
func (c profileChecker) file(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(filepath.Dir(c.Path), path)
}
