package cli

import (
	"net"
	"net/netip"
	"strings"
)

// listening is a bound address of serve.
type listening struct {
	name    string // a transport, or control
	address string // host:port, "" when it is not served
}

// warnOfExposure names on stderr the addresses that other machines can reach, as nothing
// protects a server for tests. users is whether it lets in those of a list only, profile
// whether the control address has profiles.
func (a *app) warnOfExposure(all []listening, users, profile bool) {
	var exposed []string
	control := false
	for _, l := range all {
		if l.address != "" && !isLoopback(l.address) {
			exposed = append(exposed, l.name+" on "+l.address)
			control = control || l.name == "control"
		}
	}
	if len(exposed) == 0 {
		return
	}
	can := "log in as anybody"
	if users {
		can = "try to log in"
	}
	if control {
		can += ", and by the control API kick users and send in the server's name"
	}
	if control && profile {
		can += ", and read what the program keeps in memory from its profiles"
	}
	a.complain("warning: serve listens beyond loopback (%s): whoever can reach it can %s. Listen on 127.0.0.1 unless other machines need it.",
		strings.Join(exposed, ", "), can)
}

// isLoopback reports whether only this machine can reach a bound address.
func isLoopback(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// splitOnLoopback splits an address to listen on, which is on loopback unless it names a host.
func splitOnLoopback(address string) (host, port string, err error) {
	host, port, err = net.SplitHostPort(address)
	if host == "" {
		host = "127.0.0.1"
	}
	return host, port, err
}
