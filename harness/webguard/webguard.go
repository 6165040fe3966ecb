// Package webguard keeps web pages of others away from what this program serves over HTTP, and
// its own pages to themselves.
package webguard

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Check returns why a request may not be answered, nil when it may: a browser sends the requests
// of any page to any address that it can reach, a developer's loopback included. The headers
// that browsers add give away a page of another origin, and the host name gives away DNS
// rebinding. configured is the host to listen on as it was given, which may be a name, or
// empty for every address; what names what is asked, such as "the control API".
func Check(r *http.Request, configured, what string) error {
	switch {
	case !ownHost(r, configured):
		return fmt.Errorf("%s is not called %q: use its IP address, localhost, or the host that it was told to listen on", what, r.Host)
	case foreign(r):
		return fmt.Errorf("a web page of another origin (%q) may not use %s", r.Header.Get("Origin"), what)
	}
	return nil
}

// pagePolicy keeps a page to its own files and its own server.
const pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// SetPageHeaders sets the headers with which a page, or a file of one, is served: it loads
// nothing from elsewhere, no other page shows it inside itself, and a reload gets it anew.
func SetPageHeaders(h http.Header) {
	h.Set("Content-Security-Policy", pagePolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-cache")
}

// ownHost reports whether a request is addressed to loopback, or to what the program
// listens on. Where it listens on every address, any IP address will do: it may be
// translated on the way, and no rebinding leads to a page whose host is an address.
func ownHost(r *http.Request, configured string) bool {
	host := strings.TrimSuffix(strings.ToLower((&url.URL{Host: r.Host}).Hostname()), ".")
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host != "" && (host == "localhost" || strings.HasSuffix(host, ".localhost") || host == strings.ToLower(configured))
	}
	if listening, err := netip.ParseAddr(configured); configured == "" || err == nil && listening.IsUnspecified() {
		return true
	}
	return ip.Unmap().IsLoopback() || ip.Unmap() == localAddress(r)
}

// localAddress returns the address that a request was sent to, the zero value when it is
// not known.
func localAddress(r *http.Request) netip.Addr {
	address, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if address == nil {
		return netip.Addr{}
	}
	local, err := netip.ParseAddrPort(address.String())
	if err != nil {
		return netip.Addr{}
	}
	return local.Addr().Unmap()
}

// foreign reports whether the headers of a browser show a page of another origin.
func foreign(r *http.Request) bool {
	switch site := r.Header.Get("Sec-Fetch-Site"); site {
	case "", "same-origin", "none": // none: a user has typed the address
	default:
		return true
	}
	for _, origin := range r.Header.Values("Origin") {
		if page, err := url.Parse(origin); err != nil || page.Host == "" || !strings.EqualFold(page.Host, r.Host) {
			return true
		}
	}
	return false
}
