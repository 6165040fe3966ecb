package target

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"

	"imcheck/harness/transport"
	"imcheck/protocol/wire"
)

// Address is the address of a server for one transport: one host or several, each with a
// port, and for WebSocket possibly a URL.
type Address struct {
	Hosts  []Host
	URL    bool   // the path, and whether there is TLS, are those of a URL
	Secure bool   // the URL is wss
	Path   string // of the URL, percent-encoded, with its query
}

// Host is one host of an Address.
type Host struct {
	Name string // as it was written, with a port or without one
	Dial string // host:port
}

// maxHosts bounds the hosts of one address.
const maxHosts = 256

// ParseAddress reads an address: host:port, several of them separated by commas, and for
// WebSocket also URLs that differ in their hosts only. Errors quote no query, which may
// be secret.
func ParseAddress(kind wire.Transport, text string) (Address, error) {
	parts := splitList(text)
	if len(parts) > maxHosts {
		return Address{}, fmt.Errorf("it has %d addresses: at most %d are allowed", len(parts), maxHosts)
	}
	var whole Address
	for i, part := range parts {
		a, err := parseOne(kind, strings.TrimSpace(part))
		switch {
		case err != nil:
			return Address{}, err
		case i == 0:
			whole = a
			continue
		case a.URL != whole.URL || a.Secure != whole.Secure || a.Path != whole.Path:
			return Address{}, errors.New("the URLs of a list may differ in their hosts only: give them the same scheme, path and query")
		}
		for _, other := range whole.Hosts {
			if other.Dial == a.Hosts[0].Dial {
				return Address{}, fmt.Errorf("%s is named twice: name it once", other.Dial)
			}
		}
		whole.Hosts = append(whole.Hosts, a.Hosts...)
	}
	return whole, nil
}

// splitList splits a list at its commas. A URL may have commas too, so that it ends where
// the next one begins.
func splitList(text string) (parts []string) {
	isURL := strings.Contains(text, "://")
	for part := range strings.SplitSeq(text, ",") {
		if isURL && len(parts) > 0 && !strings.Contains(part, "://") {
			parts[len(parts)-1] += "," + part
			continue
		}
		parts = append(parts, part)
	}
	return parts
}

func parseOne(kind wire.Transport, text string) (Address, error) {
	scheme, _, isURL := strings.Cut(text, "://")
	switch {
	case !isURL:
		if err := CheckAddress(text); err != nil {
			return Address{}, err
		}
		return Address{Hosts: []Host{{text, text}}}, nil
	case kind != wire.WS:
		return Address{}, fmt.Errorf("a URL is for --ws: write the address for %s as host:port, such as 127.0.0.1:7901", kind)
	case strings.EqualFold(scheme, "http"), strings.EqualFold(scheme, "https"):
		return Address{}, fmt.Errorf("%s:// is for web pages: write the URL with ws://, or wss:// for TLS", scheme)
	}
	if strings.Contains(text, "#") {
		return Address{}, errors.New("a URL of a WebSocket has no fragment: leave out what begins with #, or write it as %23")
	}
	u, err := url.Parse(text)
	if err != nil {
		return Address{}, fmt.Errorf("the URL cannot be read: %w", errors.Unwrap(err)) // which does not quote it
	}
	return parseURL(u)
}

func parseURL(u *url.URL) (Address, error) {
	a := Address{URL: true, Secure: u.Scheme == "wss", Path: u.RequestURI()}
	host, port := u.Hostname(), u.Port()
	switch {
	case u.Scheme != "ws" && !a.Secure:
		return a, fmt.Errorf("the scheme %q is unknown: write the URL with ws://, or wss:// for TLS", u.Scheme)
	case u.User != nil:
		return a, errors.New("a URL with a user and a password is not sent anywhere: use --ws-header 'Authorization: Basic …'")
	case host == "":
		return a, errors.New("the URL has no host: write it as ws://HOST:PORT/PATH")
	case strings.ContainsFunc(a.Path, func(r rune) bool { return r <= ' ' || r > '~' }):
		return a, errors.New("the path or the query of the URL has characters that have to be percent-encoded, such as %20 for a blank")
	}
	if port == "" {
		port = map[bool]string{false: "80", true: "443"}[a.Secure]
	}
	dial := net.JoinHostPort(host, port)
	a.Hosts = []Host{{u.Host, dial}}
	if strings.Contains(host, "%") { // the zone of an IPv6 address, without the encoding of URLs
		a.Hosts[0].Name = dial
	}
	return a, CheckAddress(dial)
}

// CheckAddress refuses an address that is not host:port.
func CheckAddress(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err == nil && (host == "" || port == "") {
		err = fmt.Errorf("address %s: host or port is missing", address)
	}
	if err == nil {
		if number, failure := strconv.ParseUint(port, 10, 16); failure != nil || number == 0 {
			err = fmt.Errorf("address %s: the port is not a number from 1 to 65535", address)
		}
	}
	if err != nil {
		return fmt.Errorf("%w: write it as host:port, such as 127.0.0.1:7901", err)
	}
	return nil
}

// secretWords are parts of the names of query parameters whose values no report shows.
var secretWords = []string{"token", "key", "secret", "pass", "auth", "sig", "jwt", "ticket", "session", "credential", "cookie", "code"}

// ShownAddress returns an address as reports and the like show it: without the values of
// the query parameters of a URL that may be secret.
func ShownAddress(text string) string {
	parts := splitList(text)
	for i, part := range parts {
		if scheme, rest, isURL := strings.Cut(part, "://"); isURL {
			authority, _, _ := strings.Cut(rest, "/")
			if at := strings.LastIndexByte(authority, '@'); at >= 0 {
				part = scheme + "://…" + rest[at:]
				parts[i] = part
			}
		}
		if before, query, found := strings.Cut(part, "?"); found && strings.Contains(before, "://") {
			parts[i] = before + "?" + shownQuery(query)
		}
	}
	return strings.Join(parts, ",")
}

func shownQuery(query string) string {
	parameters := strings.Split(query, "&")
	for i, parameter := range parameters {
		name, _, _ := strings.Cut(parameter, "=")
		for _, word := range secretWords {
			if strings.Contains(strings.ToLower(name), word) {
				parameters[i] = name + "=…"
			}
		}
	}
	return strings.Join(parameters, "&")
}

// Shown returns the address of a transport as reports show it; "" where it is not served.
func (t *Target) Shown(kind wire.Transport) string { return ShownAddress(t.Addresses[kind]) }

// UpgradeRequest returns the request for a WebSocket that the target gets: the path of its
// URL, with the headers and the subprotocol of Upgrade.
func (t *Target) UpgradeRequest() transport.UpgradeRequest {
	request := t.Upgrade
	if a, err := ParseAddress(wire.WS, t.Addresses[wire.WS]); err == nil && a.URL {
		request.Path = a.Path
	}
	return request
}
