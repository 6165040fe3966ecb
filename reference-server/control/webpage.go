package control

import (
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// guarded keeps web pages away from the API: a browser sends the requests of any page to
// any address that it can reach, a developer's loopback included. The headers that
// browsers add give away a page of another origin, and the host name gives away DNS
// rebinding. configured is the host to listen on as it was given, which may be a name, or
// empty for every address.
func guarded(configured string, api http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !ownHost(r, configured):
			refuse(w, http.StatusForbidden, fmt.Errorf("the control API is not called %q: use its IP address, localhost, or the host that it was told to listen on", r.Host))
		case foreign(r):
			refuse(w, http.StatusForbidden, fmt.Errorf("a web page of another origin (%q) may not use the control API", r.Header.Get("Origin")))
		default:
			api.ServeHTTP(w, r)
		}
	})
}

// ownHost reports whether a request is addressed to loopback, or to what the API
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

// isJSON reports whether a body is declared as JSON. A page of another origin cannot
// declare that without the leave of the server, which this one does not give.
func isJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}
